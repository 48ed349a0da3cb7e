package dev.nagare.server.doctor;

import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.config.ConfigException;
import dev.nagare.server.config.NagareConfig;
import dev.nagare.server.config.ServerConfig;
import dev.nagare.streaming.StreamingConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code nagare doctor}. */
@Command(
    name = "doctor",
    description = {
      "Looks at what Nagare needs: JDK, processor, kernels, ports, disk, Kafka.",
      "Exit code 1 if something is missing that it cannot do without."
    },
    mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The start-up file whose ports, folder and cluster to look at.")
  private @Nullable Path config;

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT,...",
      description = "A Kafka cluster to look at.")
  private @Nullable String bootstrapServers;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "The folder that is to hold data (default: the start-up file's, or the user's home).")
  private @Nullable Path data;

  @Option(names = "--json", description = "Print a JSON list, for machines.")
  private boolean json;

  DoctorCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Finding> findings = examine();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(FindingsJson.write(findings));
    } else {
      findings.forEach(finding -> out.println(finding.line()));
    }
    out.flush();
    boolean failed = findings.stream().anyMatch(f -> f.verdict() == Finding.Verdict.FAIL);
    return failed ? ExitCode.FAILURE : ExitCode.OK;
  }

  private List<Finding> examine() throws InterruptedException {
    var findings = new ArrayList<Finding>();
    findings.add(MachineChecks.jdk(Runtime.version(), System.getProperty("java.home")));
    findings.add(
        MachineChecks.cpu(
            Path.of("/proc/cpuinfo"),
            System.getProperty("os.arch"),
            Runtime.getRuntime().availableProcessors()));
    findings.addAll(KernelChecks.run(serveFlags()));
    try {
      NagareConfig read = config == null ? null : NagareConfig.read(config, System.getenv());
      addPorts(read == null ? null : read.server(), findings);
      findings.add(MachineChecks.space(folder(read)));
      Map<String, String> kafka = kafka(read);
      if (kafka != null) {
        findings.add(NetworkChecks.kafka(kafka));
      }
    } catch (ConfigException e) {
      e.faults().forEach(fault -> findings.add(Finding.fail("config", fault, "correct it")));
    }
    return findings;
  }

  private static void addPorts(@Nullable ServerConfig server, List<Finding> findings) {
    int port = server == null ? 8000 : server.port();
    int grpcPort = server == null ? 8001 : server.grpcPort();
    int metricsPort = server == null ? 8002 : server.metricsPort();
    String remedy = "stop what listens there, or choose another port";
    findings.add(NetworkChecks.port(port, "HTTP and WebSocket", remedy));
    findings.add(NetworkChecks.port(grpcPort, "gRPC", remedy));
    findings.add(NetworkChecks.port(metricsPort, "metrics", remedy));
  }

  private Path folder(@Nullable NagareConfig read) {
    if (data != null) {
      return data;
    }
    return read == null ? Path.of(System.getProperty("user.home")) : read.streaming().dataFolder();
  }

  private @Nullable Map<String, String> kafka(@Nullable NagareConfig read) {
    if (bootstrapServers != null) {
      return Map.of("bootstrap.servers", bootstrapServers);
    }
    StreamingConfig.Kafka kafka = read == null ? null : read.streaming().kafka();
    return kafka == null ? null : kafka.properties();
  }

  private static @Nullable Path serveFlags() {
    Path flags = Path.of(System.getProperty("nagare.home", ""), "server/src/main/jvm/serve.args");
    return Files.isReadable(flags) ? flags.toAbsolutePath() : null;
  }
}
