package dev.nagare.server.replay;

import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.cli.ProgressBar;
import dev.nagare.server.config.ConfigException;
import dev.nagare.server.config.NagareConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code nagare replay}. */
@Command(
    name = "replay",
    description = {
      "Feeds a CSV file into a topic, or rebuilds a version of a model from its topic.",
      "",
      "  nagare replay elec2.csv --config nagare.yaml --model elec2",
      "  nagare replay load.csv --topic load --bootstrap-servers 127.0.0.1:9092 --rate 100",
      "  nagare replay --config nagare.yaml --model elec2 --to-offset 20000",
      ""
    },
    footer = {
      "",
      "A rebuilt version is compared with the registry's checkpoint, bit for bit: exit code 0 if it is"
          + " the same, 1 if it is not, 3 if the records or the checkpoint are not there any more."
    },
    mixinStandardHelpOptions = true)
public final class ReplayCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private FeedOptions feed = new FeedOptions();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A start-up file: the Kafka cluster, and what --model is.")
  private @Nullable Path config;

  @Option(names = "--model", paramLabel = "NAME", description = "The model.")
  private @Nullable String model;

  @Option(
      names = "--to-offset",
      paramLabel = "N",
      description = "Rebuilds the version that has learned every record before this offset.")
  private @Nullable Long toOffset;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  ReplayCommand() {}

  @Override
  public Integer call() throws InterruptedException, IOException {
    PrintWriter out = spec.commandLine().getOut();
    var bar = new ProgressBar(spec.commandLine().getErr());
    NagareConfig read = config == null ? null : read(config);
    if (toOffset == null) {
      return new Feeding(FeedPlan.of(feed, read, model), bar).run(out, json);
    }
    if (read == null || model == null) {
      throw new CommandException(
          ExitCode.USAGE, "--to-offset: expected --config and --model beside it");
    }
    if (feed.file != null) {
      throw new CommandException(
          ExitCode.USAGE,
          "--to-offset: expected no file, since the records come from the topic, got " + feed.file);
    }
    return new Rebuilding(read, model, toOffset, bar).run(out, json);
  }

  private static NagareConfig read(Path file) {
    try {
      return NagareConfig.read(file, System.getenv());
    } catch (ConfigException e) {
      throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    }
  }
}
