package dev.nagare.loadtest.drill;

import dev.nagare.loadtest.process.BrokerProcess;
import dev.nagare.loadtest.process.Programs;
import dev.nagare.server.cli.FolderTree;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;

/**
 * Where a drill happens: a folder of its own, a broker, and a way to ask it. Used by one thread.
 */
final class Stage implements AutoCloseable {
  private final Path folder;
  private final Programs programs;
  private final BrokerProcess broker;
  private final Admin admin;
  private boolean clean;

  private Stage(Path folder, Programs programs, BrokerProcess broker) {
    this.folder = folder;
    this.programs = programs;
    this.broker = broker;
    this.admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
  }

  /**
   * Sets up a broker in a new temporary folder; returns when it serves.
   *
   * @param out told where the folder is
   */
  static Stage open(PrintWriter out) throws IOException, InterruptedException {
    Programs programs = Programs.find("streaming/broker", "server", "loadtest");
    Path folder = Files.createTempDirectory("nagare-drill-");
    out.println("  broker, learners and their logs: " + folder);
    out.flush();
    return new Stage(folder, programs, BrokerProcess.start(programs, folder));
  }

  /** All went well: nobody will want to look at the folder. */
  void forget() {
    clean = true;
  }

  Path folder() {
    return folder;
  }

  Programs programs() {
    return programs;
  }

  BrokerProcess broker() {
    return broker;
  }

  String bootstrap() {
    return broker.bootstrap();
  }

  /** Creates a topic of one partition that forgets nothing. */
  void createTopic(String name) throws IOException, InterruptedException {
    var topic = new NewTopic(name, 1, (short) 1).configs(Map.of("retention.ms", "-1"));
    try {
      admin.createTopics(List.of(topic)).all().get();
    } catch (ExecutionException e) {
      throw new DrillException("topic " + name + " cannot be created: " + e.getCause());
    }
  }

  /** Whether a model's learner, which may be dead, has a transaction that is not decided. */
  boolean transactionOpen(String model) throws IOException, InterruptedException {
    String id = "nagare-" + model;
    try {
      return admin.describeTransactions(List.of(id)).description(id).get().state()
          == TransactionState.ONGOING;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TransactionalIdNotFoundException) {
        return false;
      }
      throw new DrillException(
          "the broker does not tell of transaction " + id + ": " + e.getCause());
    }
  }

  /** Waits until a model's group has so many members. */
  void awaitMembers(String model, int members, Duration patience)
      throws IOException, InterruptedException {
    String group = "nagare-" + model;
    long begun = System.nanoTime();
    while (members(group) != members) {
      if (System.nanoTime() - begun > patience.toNanos()) {
        throw new DrillException(
            "group " + group + " has " + members(group) + " members, expected " + members);
      }
    }
  }

  private int members(String group) throws IOException, InterruptedException {
    try {
      return admin.describeConsumerGroups(List.of(group)).all().get().values().stream()
          .mapToInt(description -> description.members().size())
          .sum();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return 0;
      }
      throw new DrillException("the broker does not tell of group " + group + ": " + e.getCause());
    }
  }

  /** Ends the broker; the folder stays for who wants to look, unless all went well. */
  @Override
  public void close() throws IOException {
    admin.close(Duration.ofSeconds(1));
    broker.close();
    if (clean) {
      FolderTree.delete(folder);
    }
  }
}
