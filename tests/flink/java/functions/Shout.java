package functions;

import org.apache.flink.table.functions.ScalarFunction;

/** A function of nobody in particular, which a cluster of the tests has in its lib. */
public class Shout extends ScalarFunction {
    public String eval(String text) {
        return text == null ? null : text + "!";
    }
}
