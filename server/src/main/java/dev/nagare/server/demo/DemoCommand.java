package dev.nagare.server.demo;

import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code nagare demo}. */
@Command(
    name = "demo",
    description = {
      "Learns to forecast the load of this machine, live: starts a Kafka broker and a server, feeds"
          + " them with what /proc says, ten rows a second, and shows an address.",
      "A second demo on the same port goes on where the first one stopped."
    },
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "8000",
      description = "Of the page, HTTP and WebSocket (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--grpc-port",
      paramLabel = "PORT",
      description = "Of gRPC (default: the port + 1).")
  private @Nullable Integer grpcPort;

  @Option(
      names = "--metrics-port",
      paramLabel = "PORT",
      description = "Of the metrics (default: the port + 2).")
  private @Nullable Integer metricsPort;

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT,...",
      description = "An existing Kafka cluster, instead of a broker of the demo's own.")
  private @Nullable String bootstrapServers;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Where broker and server keep what they know (default: $$NAGARE_DATA, or"
              + " ~/.local/share/nagare/demo/PORT).")
  private @Nullable Path data;

  @Option(names = "--fresh", description = "Forget what earlier demos left in that folder.")
  private boolean fresh;

  @Option(names = "--rehearse", hidden = true, description = "For the script, after a build.")
  private boolean rehearse;

  DemoCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    var progress =
        new Progress(spec.commandLine().getOut(), Boolean.getBoolean("nagare.terminal"), started());
    if (rehearse) {
      port = DemoOptions.freePort();
      grpcPort = DemoOptions.freePort();
      metricsPort = DemoOptions.freePort();
    }
    int grpc = grpcPort == null ? port + 1 : grpcPort;
    int metrics = metricsPort == null ? port + 2 : metricsPort;
    requirePort(port, "--port");
    requirePort(grpc, "--grpc-port");
    requirePort(metrics, "--metrics-port");
    var options = new DemoOptions(home(), port, grpc, metrics, bootstrapServers, rehearse);
    options.requireFreePorts();
    Path path =
        data == null
            ? DemoFolder.standard(System.getenv(), System.getProperty("user.home"), port)
            : data.toAbsolutePath().normalize();
    progress.line("nagare demo, data in " + path);
    int code = run(options, path, progress);
    if (rehearse && code == ExitCode.OK) {
      options.rehearsed();
    }
    return code;
  }

  private int run(DemoOptions options, Path path, Progress progress)
      throws IOException, InterruptedException {
    try (var folder = DemoFolder.open(path, fresh);
        var demo = new Demo(options, folder, progress)) {
      Runtime.getRuntime().addShutdownHook(new Thread(demo::close, "demo-stop"));
      return demo.run();
    }
  }

  private static void requirePort(int port, String option) {
    if (port < 1 || port > 65_535) {
      throw new CommandException(
          ExitCode.USAGE, option + " must be a number from 1 to 65535, got " + port);
    }
  }

  /** The folder that the script built in. */
  private static Path home() {
    Path home = Path.of(System.getProperty("nagare.home", "")).toAbsolutePath();
    for (String module : List.of("streaming/broker", "server")) {
      if (!Files.isDirectory(home.resolve(module).resolve("target/lib"))) {
        throw new CommandException(
            ExitCode.MISSING, module + " is not built; start the demo with ./nagare demo");
      }
    }
    return home;
  }

  /** When the script began, milliseconds since the epoch; now if it did not say. */
  private static long started() {
    String nanos = System.getProperty("nagare.started", "");
    return nanos.isEmpty() ? System.currentTimeMillis() : Long.parseLong(nanos) / 1_000_000;
  }
}
