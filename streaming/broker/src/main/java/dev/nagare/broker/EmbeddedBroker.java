package dev.nagare.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A real Kafka broker, one node, KRaft, on the loopback address.
 *
 * <p>Prints {@code READY 127.0.0.1:<port>} on standard output, and nothing else there, when it
 * serves. SIGTERM stops it in order; after SIGKILL the same data folder can be served again. Topics
 * are never created by accident.
 */
public final class EmbeddedBroker {
  private static final String HOST = "127.0.0.1";

  private EmbeddedBroker() {}

  /** Runs until it is told to stop; exit code 2 for wrong arguments, 1 if it cannot serve. */
  public static void main(String[] args) throws Exception {
    BrokerOptions options;
    try {
      options = BrokerOptions.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println("broker: " + e.getMessage() + "; " + BrokerOptions.USAGE);
      System.exit(2);
      return;
    }
    try {
      serve(options);
    } catch (IOException e) {
      System.err.println("broker: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void serve(BrokerOptions options) throws Exception {
    // A library of Kafka's wants Log4j; without this it complains that only its interface is here.
    System.setProperty(
        "log4j2.loggerContextFactory",
        "org.apache.logging.log4j.simple.SimpleLoggerContextFactory");
    if (options.exitWithParent()) {
      // A child that outlives its parent holds the port and the data folder for ever.
      ProcessHandle.current().parent().ifPresent(EmbeddedBroker::exitAfter);
    }
    int port = freePort(options.port());
    Path log = options.data().toAbsolutePath().resolve("log");
    String folder = Files.createDirectories(log).toString();
    if (!Files.exists(log.resolve("meta.properties"))) {
      format(folder);
    }
    var server =
        new KafkaRaftServer(new KafkaConfig(properties(port, freePort(0), folder)), Time.SYSTEM);
    server.startup();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "broker-stop"));
    System.out.println("READY " + HOST + ":" + port);
    System.out.flush();
    server.awaitShutdown();
  }

  private static void exitAfter(ProcessHandle parent) {
    Thread.ofPlatform()
        .daemon()
        .name("broker-parent-watch")
        .start(
            () -> {
              parent.onExit().join();
              System.exit(0);
            });
  }

  private static void stop(KafkaRaftServer server) {
    server.shutdown();
    server.awaitShutdown();
  }

  private static void format(String folder) throws Exception {
    new Formatter()
        .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), true, UTF_8))
        .setClusterId(Uuid.randomUuid().toString())
        .setNodeId(1)
        .setControllerListenerName("CONTROLLER")
        .addDirectory(folder)
        .setMetadataLogDirectory(folder)
        .run();
  }

  private static int freePort(int wanted) throws IOException {
    try (var socket = new ServerSocket()) {
      // The port of a broker that was just killed must be usable at once.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral(HOST), wanted));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IOException(
          "port "
              + wanted
              + " cannot be opened ("
              + e.getMessage()
              + "); choose another with --port",
          e);
    }
  }

  private static Properties properties(int port, int controllerPort, String folder) {
    var p = new Properties();
    p.setProperty("process.roles", "broker,controller");
    p.setProperty("node.id", "1");
    p.setProperty("controller.quorum.voters", "1@" + HOST + ":" + controllerPort);
    p.setProperty("controller.listener.names", "CONTROLLER");
    p.setProperty("inter.broker.listener.name", "PLAINTEXT");
    p.setProperty(
        "listeners",
        "PLAINTEXT://" + HOST + ":" + port + ",CONTROLLER://" + HOST + ":" + controllerPort);
    p.setProperty("advertised.listeners", "PLAINTEXT://" + HOST + ":" + port);
    p.setProperty("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    p.setProperty("log.dirs", folder);
    p.setProperty("auto.create.topics.enable", "false");
    p.setProperty("group.initial.rebalance.delay.ms", "0");
    for (String topic : new String[] {"offsets.topic", "transaction.state.log"}) {
      p.setProperty(topic + ".replication.factor", "1");
      p.setProperty(topic + ".num.partitions", "1");
    }
    p.setProperty("transaction.state.log.min.isr", "1");
    p.setProperty("share.coordinator.state.topic.replication.factor", "1");
    p.setProperty("share.coordinator.state.topic.min.isr", "1");
    // One client, few topics: few threads, and not the default's 128 MB of cleaner buffer.
    p.setProperty("num.network.threads", "1");
    p.setProperty("num.io.threads", "2");
    p.setProperty("log.cleaner.dedupe.buffer.size", "2097152");
    // After SIGKILL the old registration must expire first: 3 s instead of 12 with the defaults.
    p.setProperty("broker.session.timeout.ms", "1500");
    p.setProperty("broker.heartbeat.interval.ms", "300");
    return p;
  }
}
