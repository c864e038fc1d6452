package com.ibm.ei.streamproc.udf;

import java.time.LocalDateTime;

import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.ScalarFunction;

/** Stands for the vendor's function while planning: same name, same types. */
public final class ToTimestampUdf extends ScalarFunction {
    public @DataTypeHint("TIMESTAMP(9)") LocalDateTime eval(String text) {
        throw new UnsupportedOperationException("for planning only");
    }
}
