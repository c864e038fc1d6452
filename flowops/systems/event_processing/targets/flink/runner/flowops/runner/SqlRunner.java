package flowops.runner;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/**
 * Runs the statements its own jar carries, one after the other, with the settings
 * beside them. Each file is a list of texts, every one of them ended by a NUL.
 */
public final class SqlRunner {

    private static final String SETTINGS = "flowops/settings";
    private static final String STATEMENTS = "flowops/statements";

    private SqlRunner() {}

    public static void main(String[] arguments) throws IOException {
        Configuration configuration = new Configuration();
        String[] settings = texts(SETTINGS);
        for (int i = 0; i + 1 < settings.length; i += 2) {
            configuration.setString(settings[i], settings[i + 1]);
        }
        EnvironmentSettings environment =
                EnvironmentSettings.newInstance().withConfiguration(configuration).build();
        TableEnvironment tables = TableEnvironment.create(environment);
        for (String statement : texts(STATEMENTS)) {
            tables.executeSql(statement);
        }
    }

    private static String[] texts(String name) throws IOException {
        try (InputStream stream =
                SqlRunner.class.getClassLoader().getResourceAsStream(name)) {
            if (stream == null) {
                throw new IOException("this jar has no " + name);
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            byte[] piece = new byte[8192];
            for (int length = stream.read(piece); length > 0; length = stream.read(piece)) {
                bytes.write(piece, 0, length);
            }
            String text = bytes.toString(StandardCharsets.UTF_8.name());
            return text.isEmpty() ? new String[0] : text.split("\0");
        }
    }
}
