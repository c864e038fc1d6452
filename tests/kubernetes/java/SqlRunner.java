import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/**
 * Runs the statements of a file, by the rules of the SQL runner of Apache's example: what
 * looks like a comment goes, even inside a text, and a statement ends where a line does.
 */
public final class SqlRunner {
    public static void main(String[] arguments) throws Exception {
        String script = new String(Files.readAllBytes(Paths.get(arguments[0])), "UTF-8");
        TableEnvironment tables =
                TableEnvironment.create(EnvironmentSettings.inStreamingMode());
        for (String statement : statements(script)) {
            tables.executeSql(statement);
        }
    }

    private static List<String> statements(String script) {
        String bare = script.replaceAll("--.*|/\\*[\\s\\S]+?\\*/", "");
        List<String> found = new ArrayList<>();
        String open = "";
        for (String line : bare.split("\n")) {
            open += line.isBlank() ? "" : line.trim() + "\n";
            String end = open.startsWith("EXECUTE STATEMENT SET") ? "END;" : ";";
            if (!open.isBlank() && line.trim().endsWith(end)) {
                found.add(open);
                open = "";
            }
        }
        return found;
    }
}
