#!/usr/bin/env python3
"""The code of a TOTP secret now (RFC 6238, SHA-1, 30 s, six digits): totp.py SECRET

For demonstrations and tests; a person's telephone does the same.
"""

import base64
import hashlib
import hmac
import struct
import sys
import time


def totp(secret, at=None):
    key = base64.b32decode(secret)
    step = struct.pack(">Q", int((time.time() if at is None else at) // 30))
    mac = hmac.new(key, step, hashlib.sha1).digest()
    place = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[place:place + 4])[0] & 0x7fffffff) % 1000000:06d}"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: totp.py SECRET")
    print(totp(sys.argv[1]))
