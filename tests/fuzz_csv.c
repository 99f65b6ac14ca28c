/*
 * fuzz_csv.c - any bytes as a file of the day: the CSV reader, then the reader of whatever format
 * the header claims, over a reference that holds a few contracts, clients and people
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "db/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char contracts[] =
    "exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,"
    "instrument_type,segment,exchange\n"
    "101,NIFTY26D0124500CE,NIFTY,100.00,2026-12-01,24500,0.05,65,CE,NFO-OPT,NFO\n"
    "103,NIFTY26DECFUT,NIFTY,24450.00,2026-12-29,0,0.1,65,FUT,NFO-FUT,NFO\n"
    "2885,RELIANCE,RELIANCE,1270.00,,0,0.1,1,EQ,NSE,NSE\n"
    "2011,USDINR26DECFUT,USDINR,90.9275,2026-12-29,0,0.0025,1000,FUT,CDS-FUT,CDS\n";
static const char people[] = "dealer,role,one_key,active\nRK07,DEALER,instant,Y\n";
static const char clients[] = "client,desk,dealer,call_required,status\nC1,M,RK07,N,ACTIVE\n";

/* The plain reader: every field lies inside the text, whatever the text. */
static void read_plainly(const uint8_t *data, size_t size)
{
    struct csv csv;
    char *text = malloc(size + 1);
    if (text == NULL)
        return;
    memcpy(text, data, size);
    uint32_t bad_line = csv_init(&csv, text, size), line = 0;
    enum csv_result result;
    while (bad_line == 0 && (result = csv_next(&csv)) != CSV_END) {
        if (csv.line <= line || (result == CSV_BAD && csv.reason == NULL))
            abort();
        line = csv.line;
        for (uint32_t i = 0; result == CSV_ROW && i < csv.count; i++)
            if (csv.field[i].length > CSV_FIELD_MAX || csv.field[i].text < text ||
                csv.field[i].text + csv.field[i].length > text + size)
                abort();
    }
    free(text);
}

static void import_text(struct import *im, const void *data, size_t size)
{
    struct reader reader = {.owner = im, .report = &im->report};
    char *text = malloc(size + 1);
    if (text == NULL)
        return;
    memcpy(text, data, size);
    reader.file = report_file(&im->report, "fuzz");
    im->file_as_of = 0;
    if (csv_init(&reader.csv, text, size) == 0 && csv_next(&reader.csv) == CSV_ROW)
        for (int i = 0; import_formats[i]; i++)
            if (reader_matches(&reader.csv, import_formats[i])) {
                if (reader_map(&reader, import_formats[i]) == 0)
                    reader_run(&reader);
                break;
            }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct import im;
    read_plainly(data, size);
    import_init(&im);
    im.day = 20261126;
    im.sender = "SQDRILL";
    import_text(&im, contracts, sizeof contracts - 1);
    import_text(&im, people, sizeof people - 1);
    import_text(&im, clients, sizeof clients - 1);
    import_text(&im, data, size);
    const struct report_file *f = &im.report.file[3];
    if (f->loaded > f->rows || im.report.refused + im.report.left_out < im.report.row_count)
        abort();
    import_finish(&im);
    return 0;
}
