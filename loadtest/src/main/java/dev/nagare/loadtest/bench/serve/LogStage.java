package dev.nagare.loadtest.bench.serve;

import dev.nagare.loadtest.process.BrokerProcess;
import dev.nagare.loadtest.process.ChildProcess;
import dev.nagare.loadtest.process.Cores;
import dev.nagare.loadtest.process.Parts;
import dev.nagare.loadtest.process.Programs;
import dev.nagare.loadtest.process.Server;
import dev.nagare.streaming.kafka.KafkaCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Servers with topics on core 0, of which one at a time has work; broker and load on core 1. In a
 * temporary folder that goes when all is done. Used by one thread.
 */
final class LogStage implements AutoCloseable {
  private static final int SERVERS_CORE = 0;
  private static final int LOADS_CORE = 1;

  private final Programs programs;
  private final Parts parts;
  private final KafkaCluster cluster;
  private final LogFeed feed;

  private LogStage(Programs programs, Parts parts, BrokerProcess broker) {
    this.programs = programs;
    this.parts = parts;
    this.cluster = new KafkaCluster(Map.of("bootstrap.servers", broker.bootstrap()));
    this.feed = new LogFeed(broker.bootstrap());
    parts.add(broker);
    parts.add(cluster);
    parts.add(feed);
  }

  /** Starts a broker, and moves this process to its core until the stage is closed. */
  static LogStage open() throws IOException, InterruptedException {
    Programs programs = Programs.find("streaming/broker", "server");
    Parts parts = Parts.inTemporaryFolder();
    LogStage stage;
    try {
      BrokerProcess broker =
          BrokerProcess.start(
              programs, parts.folder(), command -> Cores.pinned(command, LOADS_CORE));
      stage = new LogStage(programs, parts, broker);
    } catch (IOException | InterruptedException e) {
      parts.close();
      throw e;
    }
    Cores.moveTo(LOADS_CORE);
    parts.addLastToEnd(Cores::moveToAll);
    return stage;
  }

  /**
   * Starts a server and waits until it owns its topics.
   *
   * @param delivery as the start-up file has it
   */
  LogSide side(LogTask task, String delivery) throws IOException, InterruptedException {
    String model = task.name() + "-" + delivery;
    int port = Programs.freePort();
    int metricsPort = Programs.freePort();
    Path file = parts.folder().resolve(model + ".yaml");
    Files.writeString(
        file,
        """
        server: {host: 127.0.0.1, port: %d, grpc-port: 0, metrics-port: %d}
        data: %s
        kafka:
          topics: create
          instance: %s
          delivery: %s
          properties: {bootstrap.servers: "%s"}
        models:
        """
                .formatted(
                    port,
                    metricsPort,
                    parts.folder().resolve(model),
                    model,
                    delivery,
                    cluster.servers())
            + task.entry(model).indent(2));
    ChildProcess process =
        ChildProcess.start(
            "server " + model,
            Cores.pinned(programs.server(file), SERVERS_CORE),
            parts.folder().resolve(model + ".log"));
    var server = new Server(process, port, metricsPort);
    parts.add(server);
    server.awaitReady();
    var outputs = new Arrivals(cluster.log(task.outputs(model)), task.outputs(model));
    parts.add(outputs);
    var subject = new Subject(server, port, 0, new ProcessClock(process.pid()));
    return new LogSide(task, model, subject, feed, outputs);
  }

  /** Ends all processes and removes the folder. */
  @Override
  public void close() throws IOException {
    parts.close();
  }
}
