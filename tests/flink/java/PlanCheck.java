import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.TableEnvironment;

/**
 * Plans SQL scripts on the real planner of Flink, and runs none of them.
 *
 * Each line of the input names a file whose statements are separated by a zero
 * character. Each line of the output is "ok", or "rejected" with the number of the
 * statement and the reason on one line. A file that starts with VALUES holds expressions
 * without columns; the planner works them out while planning, and "ok" comes with them.
 */
public final class PlanCheck {
    private static final int LONGEST = 400;
    private static final Pattern FOLDED = Pattern.compile("select=\\[(.*)\\]\\)");

    private PlanCheck() {
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String text = Files.readString(Path.of(line), StandardCharsets.UTF_8);
            out.println(check(text.split("\u0000")));
        }
    }

    private static String check(String[] statements) {
        TableEnvironment environment =
                TableEnvironment.create(EnvironmentSettings.inStreamingMode());
        List<String> inserts = new ArrayList<>();
        int number = 0;
        try {
            if (statements[0].startsWith("VALUES ")) {
                return "ok\t" + folded(environment, statements);
            }
            for (String statement : statements) {
                number++;
                number = plan(environment, statement, inserts, number);
            }
            if (!inserts.isEmpty()) {
                StatementSet set = environment.createStatementSet();
                inserts.forEach(set::addInsertSql);
                set.explain();
            }
            return "ok";
        } catch (Throwable error) {
            return "rejected\t" + number + "\t" + reason(error);
        }
    }

    /** Run what follows the expressions, and return what the planner makes of them. */
    private static String folded(TableEnvironment environment, String[] statements) {
        for (int i = 1; i < statements.length; i++) {
            environment.executeSql(statements[i]);
        }
        String plan = environment.explainSql("SELECT " + statements[0].substring(7));
        Matcher found = FOLDED.matcher(plan.substring(plan.indexOf("== Optimized Execution")));
        return found.find() ? found.group(1) : plan.replaceAll("\\s+", " ");
    }

    private static int plan(
            TableEnvironment environment, String statement, List<String> inserts, int number) {
        String[] words = statement.strip().split("\\s+");
        String first = words[0].toUpperCase();
        if (first.equals("INSERT")) {
            environment.executeSql("EXPLAIN " + statement);
            inserts.add(statement);
        } else if (first.equals("QUERY")) {
            environment.executeSql("EXPLAIN SELECT * FROM " + statement.strip().substring(6));
        } else {
            environment.executeSql(statement);
        }
        return number;
    }

    /** What went wrong, the first cause first, as the others quote it at length. */
    private static String reason(Throwable error) {
        Deque<String> causes = new ArrayDeque<>();
        for (Throwable at = error; at != null; at = at.getCause()) {
            causes.addFirst(String.valueOf(at.getMessage()));
        }
        String line = String.join(" <- ", causes).replaceAll("\\s+", " ");
        return line.length() > LONGEST ? line.substring(0, LONGEST) : line;
    }
}
