/*
 * config_file.h - bytes as a file for the readers of configurations, which want a path
 *
 * The file lies in memory (memfd_create(2)) and goes with config_file_close().
 */
#ifndef TESTS_CONFIG_FILE_H
#define TESTS_CONFIG_FILE_H

#include <stddef.h>
#include <stdint.h>

enum { CONFIG_FILE_PATH = 40 };

/* Nobody else can read it, as secrets want it. Returns its descriptor; ends the program without
 * memory. */
int config_file_open(const uint8_t *data, size_t size, char path[CONFIG_FILE_PATH]);
void config_file_close(int file);

/* Ends the program unless what was refused names its file and can be shown on a terminal. */
void config_file_check_refusal(const char *why, const char *path);

#endif
