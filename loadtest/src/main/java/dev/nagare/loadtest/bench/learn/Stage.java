package dev.nagare.loadtest.bench.learn;

import dev.nagare.loadtest.bench.Idle;
import dev.nagare.loadtest.process.BrokerProcess;
import dev.nagare.loadtest.process.ChildProcess;
import dev.nagare.loadtest.process.Cores;
import dev.nagare.loadtest.process.Parts;
import dev.nagare.loadtest.process.Programs;
import dev.nagare.loadtest.process.Server;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.kafka.RowProducer;
import dev.nagare.streaming.kafka.TopicSpec;
import dev.nagare.streaming.kafka.TopicSpec.Cleanup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A broker, and servers as a user starts them, in a temporary folder that goes when all is done.
 * Used by one thread.
 */
final class Stage implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final int BUFFERED_ROWS = 10_000;

  private final Programs programs;
  private final Parts parts;
  private final Map<String, String> properties;
  private final KafkaCluster cluster;

  private Stage(Parts parts, Programs programs, BrokerProcess broker) {
    this.parts = parts;
    this.programs = programs;
    this.properties = Map.of("bootstrap.servers", broker.bootstrap());
    this.cluster = new KafkaCluster(properties);
    parts.addLastToEnd(cluster);
    parts.add(broker);
  }

  /** Starts a broker; returns when it serves. */
  static Stage open() throws IOException, InterruptedException {
    Programs programs = Programs.find("streaming/broker", "server");
    Parts parts = Parts.inTemporaryFolder();
    try {
      BrokerProcess broker =
          BrokerProcess.start(programs, parts.folder(), command -> Cores.pinned(command, 1));
      return new Stage(parts, programs, broker);
    } catch (IOException | InterruptedException e) {
      parts.close();
      throw e;
    }
  }

  /** Moves this process, which makes the load, to the broker's core until the stage is closed. */
  void moveToCoreOfBroker() throws IOException, InterruptedException {
    Cores.moveTo(1);
    parts.addLastToEnd(Cores::moveToAll);
  }

  KafkaCluster cluster() {
    return cluster;
  }

  /** Creates the topics of a model, so that they can be filled before anybody learns. */
  void create(String model) {
    cluster.requireTopics(
        Stream.of(".requests", ".predictions")
            .map(ending -> new TopicSpec(model + ending, Cleanup.DELETE, "rows of " + model))
            .toList(),
        true);
  }

  /** Sends rows as they come. */
  RowProducer producer(String topic) {
    var producer = new RowProducer(topic, BUFFERED_ROWS);
    producer.connect(properties);
    return producer;
  }

  /** Fills a topic; returns when the broker has it all. */
  void fill(String topic, List<byte[]> rows) throws IOException, InterruptedException {
    try (RowProducer producer = producer(topic)) {
      for (byte[] row : rows) {
        producer.put(System.currentTimeMillis(), row);
      }
      while (producer.sent() < rows.size()) {
        if (producer.dropped() > 0) {
          throw new IOException(topic + ": rows were lost, " + producer.problem().orElse(""));
        }
        Idle.spend(LOOK);
      }
    }
  }

  /**
   * Starts a server.
   *
   * @param instance its name in the groups
   * @param models the section {@code models} of its start-up file, a list
   * @param oneCore whether it has core 0 and nothing else, if that can be had here
   */
  Server server(String instance, String models, boolean oneCore) throws IOException {
    int port = Programs.freePort();
    int metricsPort = Programs.freePort();
    Path file = parts.folder().resolve(instance + ".yaml");
    Files.writeString(
        file,
        """
        server: {host: 127.0.0.1, port: %d, grpc-port: 0, metrics-port: %d}
        data: %s
        kafka:
          topics: create
          instance: %s
          properties: {bootstrap.servers: "%s"}
        models:
        """
                .formatted(
                    port,
                    metricsPort,
                    parts.folder().resolve(instance),
                    instance,
                    cluster.servers())
            + models);
    List<String> command = programs.server(file);
    ChildProcess process =
        ChildProcess.start(
            "server " + instance,
            oneCore ? Cores.pinned(command, 0) : command,
            parts.folder().resolve(instance + ".log"));
    var server = new Server(process, port, metricsPort);
    parts.add(server);
    return server;
  }

  /** What a model predicts, from the first record on. */
  Predictions predictions(String model) {
    var predictions = new Predictions(cluster.log(model + ".predictions"), model);
    parts.add(predictions);
    return predictions;
  }

  /** Ends all processes and removes the folder. */
  @Override
  public void close() throws IOException {
    parts.close();
  }
}
