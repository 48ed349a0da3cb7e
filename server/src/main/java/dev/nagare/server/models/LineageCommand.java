package dev.nagare.server.models;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.cli.ServerClient;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code nagare models lineage}. */
@Command(
    name = "lineage",
    description =
        "Which records made the version that answers, and the checkpoints it can be rebuilt from.",
    mixinStandardHelpOptions = true)
final class LineageCommand implements Callable<Integer> {
  private static final int SHOWN_DIGITS = 12;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "NAME", description = "The model.")
  private String model = "";

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = ServerClient.USUAL_URL,
      description = "The server (default: ${DEFAULT-VALUE}).")
  private String url = ServerClient.USUAL_URL;

  @Option(names = "--json", description = "Print what the server answers.")
  private boolean json;

  LineageCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    JsonNode lineage;
    try (var server = new ServerClient(url)) {
      lineage = server.get(ServerClient.model(model) + "/lineage");
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(lineage.toPrettyString());
    } else {
      print(out, lineage);
    }
    out.flush();
    return ExitCode.OK;
  }

  private void print(PrintWriter out, JsonNode lineage) {
    out.printf(
        Locale.ROOT,
        "%s version %d: %s%n",
        model,
        lineage.path("version").asLong(),
        records(lineage));
    out.printf(
        Locale.ROOT,
        "  %d examples, %d refused, %d quarantined; %s.dead-letter names the latter two%n",
        lineage.path("examples").asLong(),
        lineage.path("refused").asLong(),
        lineage.path("quarantined").asLong(),
        model);
    JsonNode checkpoints = lineage.path("checkpoints");
    if (checkpoints.isEmpty()) {
      out.println("no checkpoint yet");
      return;
    }
    out.println("checkpoints, newest first:");
    for (JsonNode checkpoint : checkpoints) {
      out.printf(
          Locale.ROOT,
          "  step %d  %s  records %s  state %s  %s%n",
          checkpoint.path("step").asLong(),
          records(checkpoint),
          shortened(checkpoint.path("records_digest").asText()),
          shortened(checkpoint.path("state_hash").asText()),
          checkpoint.path("written_at").asText());
    }
    out.printf(
        Locale.ROOT,
        "rebuild the newest: nagare replay --config FILE --model %s --to-offset %d%n",
        model,
        checkpoints.get(0).path("next_offset").asLong());
  }

  private static String records(JsonNode lineage) {
    long first = lineage.path("first_offset").asLong();
    long next = lineage.path("next_offset").asLong();
    String partition = lineage.path("topic").asText() + "-" + lineage.path("partition").asLong();
    return next <= first
        ? "no record of " + partition
        : partition + ", offsets " + first + " to " + (next - 1);
  }

  private static String shortened(String hash) {
    return hash.length() <= SHOWN_DIGITS ? hash : hash.substring(0, SHOWN_DIGITS);
  }
}
