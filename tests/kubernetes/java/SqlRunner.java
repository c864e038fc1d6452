import java.nio.file.Files;
import java.nio.file.Paths;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/** Runs the statements of a file, as the SQL runner of Apache's example does. */
public final class SqlRunner {
    public static void main(String[] arguments) throws Exception {
        String script = new String(Files.readAllBytes(Paths.get(arguments[0])), "UTF-8");
        String bare = script.replaceAll("(?m)^--.*$", "");
        TableEnvironment tables =
                TableEnvironment.create(EnvironmentSettings.inStreamingMode());
        for (String statement : bare.split(";[ \\t]*\\r?\\n")) {
            if (!statement.trim().isEmpty()) {
                tables.executeSql(statement);
            }
        }
    }
}
