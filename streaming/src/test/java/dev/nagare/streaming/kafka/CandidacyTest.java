package dev.nagare.streaming.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CandidacyTest {
  private static final Duration AT_ONCE = Duration.ZERO;

  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private @Nullable Exception trouble;
  private GroupMember.@Nullable Listener group;
  private final Candidacy candidacy = new Candidacy("m", "nagare-m", "work", thread, new Told());

  private final class Told implements Candidacy.Work {
    @Override
    public void begin(Assignment assignment) throws IOException {
      heard.add("begun");
      switch (trouble) {
        case IOException e -> throw e;
        case RuntimeException e -> throw e;
        case null, default -> {}
      }
    }

    @Override
    public void overtaken(String why) {
      heard.add(why);
    }

    @Override
    public String whyStopped(Throwable failure) {
      return failure.getMessage() + "; work stopped";
    }
  }

  @AfterEach
  void close() {
    candidacy.leave();
    thread.shutdownNow();
  }

  @Test
  void anotherOwnerAfterAFailureThatMayBeAFenceHasTakenOver() throws Exception {
    given(new Assignment(() -> {}));
    onThread(() -> candidacy.failed(new KafkaException("fenced, perhaps")));
    assertThat(candidacy.waiting()).isEqualTo("fenced, perhaps; work waits");
    assertThat(candidacy.isStopped()).isFalse();
    listener().standby();
    settle();
    assertThat(heard).containsExactly("begun", "another process has taken over work of m");
    assertThat(candidacy.waiting()).isNull();
    listener().standby();
    settle();
    assertThat(heard).as("said once").hasSize(2);
  }

  @Test
  void anotherOwnerAfterALossHasTakenOver() throws Exception {
    given(new Assignment(() -> {}));
    onThread(candidacy::lost);
    listener().standby();
    settle();
    assertThat(heard).containsExactly("begun", "another process has taken over work of m");
  }

  @Test
  void anotherOwnerAfterAnOrderlyEndHasNotTakenOver() throws Exception {
    given(new Assignment(() -> {}));
    listener().standby();
    settle();
    assertThat(heard).containsExactly("begun");
  }

  @Test
  void whatCouldNotBeginFencedNobodyAndIsNotOvertaken() throws Exception {
    trouble = new KafkaException("no broker");
    var assignment = new Assignment(() -> {});
    given(assignment);
    assertThat(assignment.awaitRelease(AT_ONCE)).isTrue();
    assertThat(candidacy.waiting()).isEqualTo("no broker; work waits");
    listener().standby();
    settle();
    assertThat(heard).containsExactly("begun");
    trouble = null;
    given(new Assignment(() -> {}));
    assertThat(heard).containsExactly("begun", "begun");
    assertThat(candidacy.waiting()).isNull();
  }

  @Test
  void aFailureThatIsNotKafkasEndsItForGood() throws Exception {
    trouble = new IOException("the disk is gone");
    given(new Assignment(() -> {}));
    assertThat(candidacy.isStopped()).isTrue();
    var next = new Assignment(() -> {});
    given(next);
    assertThat(next.awaitRelease(AT_ONCE)).isTrue();
    listener().troubled(new KafkaException("no broker"));
    settle();
    assertThat(heard).containsExactly("begun");
    assertThat(candidacy.waiting()).isEqualTo("the disk is gone; work stopped");
  }

  @Test
  void anInstanceNameThatIsAnothersStopsItWithTheRemedy() throws Exception {
    candidacy.stand("connecting", this::member);
    assertThat(candidacy.waiting()).isEqualTo("connecting; work waits");
    listener().replaced(new KafkaException("fenced"));
    settle();
    assertThat(candidacy.isStopped()).isTrue();
    assertThat(heard)
        .singleElement()
        .asString()
        .contains("this instance's name in group nagare-m; work stopped here", "kafka: instance:")
        .isEqualTo(candidacy.waiting());
  }

  @Test
  void whoHasWithdrawnBeginsNothing() throws Exception {
    candidacy.stand("connecting", this::member);
    candidacy.withdraw();
    var assignment = new Assignment(() -> {});
    listener().assigned(assignment);
    settle();
    assertThat(assignment.awaitRelease(AT_ONCE)).isTrue();
    assertThat(heard).isEmpty();
  }

  private void given(Assignment assignment) throws Exception {
    if (group == null) {
      candidacy.stand("connecting", this::member);
    }
    listener().assigned(assignment);
    settle();
  }

  private void settle() throws ExecutionException, InterruptedException {
    onThread(() -> {});
  }

  private void onThread(Runnable task) throws ExecutionException, InterruptedException {
    thread.submit(task).get();
  }

  /** A member whose polling never begins. */
  private GroupMember member(GroupMember.Listener told) {
    group = told;
    return new GroupMember(
        () -> new MockConsumer<byte[], byte[]>("none"),
        new TopicPartition("m.requests", 0),
        () -> {},
        told);
  }

  private GroupMember.Listener listener() {
    return Objects.requireNonNull(group);
  }
}
