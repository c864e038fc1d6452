package com.ibm.ei.streamproc.udf;

import java.time.Instant;

import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.ScalarFunction;

/** Stands for the vendor's function while planning: same name, same types. */
public final class ToTimestampLtzUdf extends ScalarFunction {
    public @DataTypeHint("TIMESTAMP_LTZ(9)") Instant eval(String text) {
        throw new UnsupportedOperationException("for planning only");
    }
}
