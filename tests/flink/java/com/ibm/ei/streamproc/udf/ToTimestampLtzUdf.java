package com.ibm.ei.streamproc.udf;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;

import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.ScalarFunction;

/**
 * Stands for the vendor's function: same name, same types, and the same answer for what
 * its README says it reads. That is ISO 8601 or SQL form with an offset, in any of its
 * three spellings; null for all else.
 */
public final class ToTimestampLtzUdf extends ScalarFunction {
    private static final DateTimeFormatter FORM =
            new DateTimeFormatterBuilder()
                    .parseCaseInsensitive()
                    .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
                    .appendPattern("[XXX][XX][X]")
                    .toFormatter()
                    .withResolverStyle(ResolverStyle.SMART);

    public @DataTypeHint("TIMESTAMP_LTZ(9)") Instant eval(String text) {
        try {
            String iso = text == null ? null : text.replaceFirst("(?<=^.{10}) ", "T");
            return iso == null ? null : OffsetDateTime.parse(iso, FORM).toInstant();
        } catch (DateTimeException error) {
            return null;
        }
    }
}
