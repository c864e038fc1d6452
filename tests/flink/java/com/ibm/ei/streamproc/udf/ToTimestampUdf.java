package com.ibm.ei.streamproc.udf;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;

import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.ScalarFunction;

/**
 * Stands for the vendor's function: same name, same types, and the same answer for what
 * its README says it reads. That is ISO 8601 or SQL form without an offset; null for all
 * else.
 */
public final class ToTimestampUdf extends ScalarFunction {
    private static final DateTimeFormatter FORM =
            DateTimeFormatter.ISO_LOCAL_DATE_TIME.withResolverStyle(ResolverStyle.SMART);

    public @DataTypeHint("TIMESTAMP(9)") LocalDateTime eval(String text) {
        try {
            return text == null ? null : LocalDateTime.parse(text.replaceFirst(" ", "T"), FORM);
        } catch (DateTimeException error) {
            return null;
        }
    }
}
