package dev.nagare.streaming.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PartitionOwnerTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final BlockingQueue<Boolean> begun = new LinkedBlockingQueue<>();
  private volatile @Nullable RuntimeException trouble;
  private GroupMember.@Nullable Listener group;
  private final PartitionOwner owner =
      new PartitionOwner(
          "m",
          "nagare-m",
          "work",
          ending -> {
            begun.add(!ending.getAsBoolean());
            RuntimeException thrown = trouble;
            if (thrown != null) {
              throw thrown;
            }
          });

  @AfterEach
  void close() {
    owner.close();
  }

  @Test
  void beginsNothingOnAnAssignmentThatIsOver() throws Exception {
    stand();
    assertThat(owner.waiting()).isEqualTo("nobody has decided yet; work waits");
    var over = new Assignment(() -> {});
    over.end(true);
    var fresh = new Assignment(() -> {});
    listener().assigned(over);
    listener().assigned(fresh);
    assertThat(over.awaitRelease(LONG)).isTrue();
    assertThat(fresh.awaitRelease(LONG)).isTrue();
    assertThat(begun).containsExactly(true);
    assertThat(owner.waiting()).isNull();
  }

  @Test
  void letsGoOfWhateverItIsGivenAfterItHasStoppedForGood() throws Exception {
    stand();
    trouble = new IllegalStateException("the log is gone");
    var first = new Assignment(() -> {});
    listener().assigned(first);
    assertThat(first.awaitRelease(LONG)).isTrue();
    await().atMost(LONG).until(() -> "the log is gone; work stopped".equals(owner.waiting()));
    var second = new Assignment(() -> {});
    listener().assigned(second);
    assertThat(second.awaitRelease(LONG)).isTrue();
    listener().standby();
    assertThat(begun).hasSize(1);
    assertThat(owner.waiting()).isEqualTo("the log is gone; work stopped");
  }

  @Test
  void worksUntilTheGroupTakesThePartitionBack() throws Exception {
    var asked = new LinkedBlockingQueue<String>();
    try (var lasting =
        new PartitionOwner(
            "m",
            "nagare-m",
            "work",
            ending -> {
              asked.add("begun");
              while (!ending.getAsBoolean()) {
                Thread.onSpinWait();
              }
            })) {
      lasting.stand("", this::member);
      var assignment = new Assignment(() -> {});
      listener().assigned(assignment);
      assertThat(asked.poll(30, TimeUnit.SECONDS)).isNotNull();
      assignment.end(false);
      assertThat(assignment.awaitRelease(LONG)).isTrue();
    }
  }

  private void stand() {
    owner.stand("nobody has decided yet", this::member);
  }

  /** A member whose polling never begins. */
  private GroupMember member(GroupMember.Listener told) {
    group = told;
    return new GroupMember(
        () -> new MockConsumer<byte[], byte[]>("none"),
        new TopicPartition("m.predictions", 0),
        () -> {},
        told);
  }

  private GroupMember.Listener listener() {
    return Objects.requireNonNull(group);
  }
}
