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
      description = "The folder that is to hold data (default: the start-up file's, or the user's home).")
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
      addConfigured(NagareConfig.read(config, System.getenv()), findings);
    } catch (ConfigException e) {
      e.faults().forEach(fault -> findings.add(Finding.fail("config", fault, "correct it")));
    }
    return findings;
  }

  private void addConfigured(NagareConfig read, List<Finding> findings)
      throws InterruptedException {
    ServerConfig server = read.server();
    findings.add(NetworkChecks.port(server.port(), "HTTP", "stop it, or use --port"));
    findings.add(NetworkChecks.port(server.metricsPort(), "metrics", "stop it, or use another"));
    Path folder = data != null ? data : config != null ? read.streaming().dataFolder() : home();
    findings.add(MachineChecks.space(folder));
    StreamingConfig.Kafka kafka = read.streaming().kafka();
    if (bootstrapServers != null) {
      findings.add(NetworkChecks.kafka(Map.of("bootstrap.servers", bootstrapServers)));
    } else if (kafka != null) {
      findings.add(NetworkChecks.kafka(kafka.properties()));
    }
  }

  private static Path home() {
    return Path.of(System.getProperty("user.home"));
  }

  private static @Nullable Path serveFlags() {
    Path flags = Path.of(System.getProperty("nagare.home", ""), "server/src/main/jvm/serve.args");
    return Files.isReadable(flags) ? flags.toAbsolutePath() : null;
  }
}
