package dev.nagare.loadtest;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.loadtest.conformance.Conformance;
import dev.nagare.loadtest.conformance.Report;
import dev.nagare.loadtest.conformance.Subject;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.cli.NagareSubcommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code nagare conformance}: tries the rules of the Open Inference Protocol on a server.
 *
 * <p>Exit code 0 if no rule is broken, 1 if one is or the server does not answer, 2 for a wrong
 * option.
 */
@Command(
    name = "conformance",
    mixinStandardHelpOptions = true,
    description = {
      "Tries the rules of the Open Inference Protocol on any server of it, over HTTP.",
      "",
      "  nagare conformance http://127.0.0.1:8000 --model pulse",
      ""
    })
public final class ConformanceCommand implements NagareSubcommand {

  @Parameters(paramLabel = "URL", description = "The server, such as http://127.0.0.1:8000.")
  private URI url = URI.create("http://127.0.0.1:8000");

  @Option(
      names = "--model",
      required = true,
      description = "A model that answers; it is asked some dozens of times.")
  private String model = "";

  @Option(
      names = "--timeout",
      defaultValue = "10",
      description = "Seconds until a call counts as not answered (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds;

  @Option(names = "--json", paramLabel = "FILE", description = "Also writes the report as JSON.")
  private @Nullable Path json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (!"http".equals(url.getScheme()) && !"https".equals(url.getScheme())) {
      throw new CommandException(
          ExitCode.USAGE, "conformance: expected a URL like http://127.0.0.1:8000, got " + url);
    }
    Report report;
    Duration patience = Duration.ofSeconds(timeoutSeconds);
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(patience)
            .build()) {
      report = Conformance.run(new Subject(client, url, model, patience));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(report.table());
    out.flush();
    if (json != null) {
      new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json.toFile(), report);
    }
    return report.clean() ? ExitCode.OK : ExitCode.FAILURE;
  }
}
