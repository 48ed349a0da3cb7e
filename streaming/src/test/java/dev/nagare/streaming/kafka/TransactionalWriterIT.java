package dev.nagare.streaming.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.streaming.BrokerProcess;
import dev.nagare.streaming.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The writer of a partition's owner, at a real broker. */
class TransactionalWriterIT {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int JOINS = 5;

  @TempDir Path data;

  @Test
  void anOwnersCommitsGoOnWhileOthersJoinAndLeave() throws Exception {
    try (var broker = new BrokerProcess(data);
        var topics = new Topics(broker.bootstrapServers());
        var cluster = new KafkaCluster(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      topics.create("rows");
      var owner = new Told();
      try (var _ = cluster.join("group", "owner", "rows", () -> {}, owner)) {
        Assignment assignment = owner.assigned.get();
        var over = new AtomicBoolean();
        var commits = CompletableFuture.supplyAsync(() -> commitUntil(over, cluster));
        for (int i = 0; i < JOINS; i++) {
          var other = new Told();
          try (var _ = cluster.join("group", "other", "rows", () -> {}, other)) {
            await().atMost(LONG).until(() -> other.standbys.get() > 0 || commits.isDone());
          }
        }
        over.set(true);
        long last = commits.get();
        assertThat(cluster.committed("group", "rows")).hasValue(last);
        assertThat(assignment.isEnding()).isFalse();
        assignment.release();
      }
    }
  }

  private static long commitUntil(AtomicBoolean over, KafkaCluster cluster) {
    long offset = 0;
    try (TransactionalWriter writer = cluster.fence("writer", "group")) {
      while (!over.get()) {
        writer.begin();
        writer.sendOffset("rows", ++offset);
        writer.commit();
      }
    }
    return offset;
  }

  private static final class Told implements GroupMember.Listener {
    final CompletableFuture<Assignment> assigned = new CompletableFuture<>();
    final AtomicInteger standbys = new AtomicInteger();

    @Override
    public void assigned(Assignment assignment) {
      assigned.complete(assignment);
    }

    @Override
    public void standby() {
      standbys.incrementAndGet();
    }

    @Override
    public void troubled(RuntimeException reason) {
      assigned.completeExceptionally(reason);
    }

    @Override
    public void replaced(RuntimeException reason) {
      assigned.completeExceptionally(reason);
    }
  }
}
