package dev.nagare.streaming.join;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nagare.models.online.OnlineConfig;
import dev.nagare.streaming.Fate;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.codec.RecordFormat;
import dev.nagare.streaming.kafka.OutputWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What labels have come to is written in order, in transactions that grow while one is written. */
class JoinCommitterTest {
  private static final LearnedModel MODEL =
      new LearnedModel(
          "m",
          "m.examples",
          new RecordFormat.Protocol(),
          List.of("a"),
          null,
          OnlineConfig.forecaster(1),
          1,
          Duration.ofSeconds(1));

  private final Log log = new Log();
  private final List<String> told = Collections.synchronizedList(new ArrayList<>());

  @Test
  void whatComesWhileATransactionIsCommittedGoesOutInTheNextTogether() throws Exception {
    try (JoinCommitter committer = committer()) {
      add(committer, 1, 1);
      log.committing.acquire(); // the first is being committed
      add(committer, 2, 2);
      add(committer, 3, 0);
      add(committer, 4, 2);
      log.mayCommit.release(2);
      committer.finish();
    }
    assertThat(log.written)
        .containsExactly(
            "begin",
            "example 1",
            "offsets m.examples=101 m.labels=1 m.predictions=10",
            "commit",
            "begin",
            "example 2",
            "example 2",
            "example 4",
            "example 4",
            "offsets m.examples=105 m.labels=4 m.predictions=40",
            "commit");
    assertThat(told)
        .containsExactly(
            "joined 1",
            "waiting 1",
            "joined 2",
            "joined 2",
            "waiting 4"); // each once, as committed
  }

  @Test
  void examplesAreReadAgainFromWhereTheOldestThatIsRememberedMayHaveOne() throws Exception {
    log.mayCommit.release();
    try (JoinCommitter committer = committer()) {
      assertThat(committer.add(judged(1, 3), new JoinProgress(10, 1, 77, 0, 0), () -> false))
          .isTrue();
      committer.finish();
      assertThat(committer.examplesEnd()).isEqualTo(103);
    }
    assertThat(log.written).contains("offsets m.examples=77 m.labels=1 m.predictions=10");
  }

  @Test
  void aTransactionWaitsForMoreWhileTheJoinIsFarBehind() throws Exception {
    log.mayCommit.release(2);
    try (JoinCommitter committer = committer(60_000)) {
      var behind = new JoinProgress(10, 1, Long.MAX_VALUE, 1, 1999);
      assertThat(committer.add(judged(1, 2), behind, () -> false)).isTrue();
      await().until(() -> log.written.contains("example 1")); // the last of it is held back
      add(committer, 2, 1);
      committer.finish();
    }
    assertThat(log.written)
        .containsExactly(
            "begin",
            "example 1",
            "example 1",
            "example 2",
            "offsets m.examples=103 m.labels=2 m.predictions=20",
            "commit");
  }

  @Test
  void aTransactionDoesNotWaitForFewerThanWouldFillIt() throws Exception {
    log.mayCommit.release(2);
    try (JoinCommitter committer = committer(Long.MAX_VALUE)) {
      var nearly = new JoinProgress(10, 1, Long.MAX_VALUE, 1, 1997);
      assertThat(committer.add(judged(1, 2), nearly, () -> false)).isTrue();
      await().until(() -> log.written.contains("commit"));
      committer.finish();
    }
  }

  @Test
  void manyRecordsAreMoreThanOneTransaction() throws Exception {
    try (JoinCommitter committer = committer()) {
      add(committer, 1, 1);
      log.committing.acquire(); // from here on all that follows waits
      for (int i = 2; i < 7; i++) {
        add(committer, i, 500);
      }
      log.mayCommit.release(3);
      committer.finish();
    }
    assertThat(log.written.stream().filter("commit"::equals)).hasSize(3); // 1, 2000 and 500
    assertThat(log.written.stream().filter(line -> line.startsWith("example")))
        .hasSize(2501)
        .isSorted();
  }

  @Test
  void whoGivesUpWhileMuchWaitsIsNotWritten() throws Exception {
    int taken = 0;
    try (JoinCommitter committer = committer()) {
      add(committer, taken++, 1);
      log.committing.acquire();
      while (committer.add(judged(taken, 1), progress(taken), () -> true)) {
        taken++;
      }
      log.mayCommit.release(100);
      committer.finish();
    }
    assertThat(log.written.stream().filter(line -> line.startsWith("example"))).hasSize(taken);
    assertThat(log.written).doesNotContain("example " + taken);
    assertThat(log.written.getLast()).isEqualTo("commit");
  }

  @Test
  void aFailureIsToldToWhoJudgesAndNothingIsWrittenAfterIt() throws Exception {
    try (JoinCommitter committer = committer()) {
      log.refusal = new KafkaException("fenced");
      add(committer, 1, 1);
      log.mayCommit.release(100);
      assertThatThrownBy(
              () -> {
                while (true) {
                  add(committer, 2, 1);
                }
              })
          .isSameAs(log.refusal);
      assertThatThrownBy(committer::finish).isSameAs(log.refusal);
    }
    assertThat(log.written).doesNotContain("commit");
    assertThat(log.closed).isTrue();
    assertThat(told).isEmpty();
  }

  @Test
  void whatEndsTheThreadIsToldWhateverItIs() throws Exception {
    try (JoinCommitter committer = committer()) {
      log.error = new StackOverflowError("deep");
      add(committer, 1, 1);
      log.mayCommit.release();
      assertThatThrownBy(committer::finish).isSameAs(log.error);
    }
    assertThat(log.closed).isTrue();
  }

  @Test
  void aCloseDoesNotWaitForTheBroker() throws Exception {
    JoinCommitter committer = committer();
    add(committer, 1, 1);
    log.committing.acquire();
    add(committer, 2, 1);
    committer.close();
    assertThat(log.closed).isTrue();
    assertThat(log.written).doesNotContain("commit", "example 2");
  }

  private JoinCommitter committer() {
    return committer(1);
  }

  private JoinCommitter committer(long gatherMillis) {
    var observer =
        new StreamingObserver() {
          @Override
          public void labelled(String model, Fate fate, int labels) {
            told.add(fate.label() + " " + labels);
          }

          @Override
          public void joined(String model, int waiting, int forgotten, long nanos) {
            told.add("waiting " + waiting);
          }
        };
    return new JoinCommitter(MODEL, log, observer, 100, gatherMillis);
  }

  private static void add(JoinCommitter committer, int number, int examples)
      throws InterruptedException {
    assertThat(committer.add(judged(number, examples), progress(number), () -> false)).isTrue();
  }

  private static JoinProgress progress(int number) {
    return new JoinProgress(10L * number, number, Long.MAX_VALUE, number, 0);
  }

  private static Judged judged(int number, int examples) {
    var judged = new Judged();
    for (int i = 0; i < examples; i++) {
      judged.example(new PredictionId("m.predictions", 0, number), ("" + number).getBytes(UTF_8));
      judged.fate(Fate.JOINED);
    }
    return judged;
  }

  /** A log whose commits wait to be let through. */
  private static final class Log implements OutputWriter {
    final List<String> written = Collections.synchronizedList(new ArrayList<>());
    final Semaphore committing = new Semaphore(0);
    final Semaphore mayCommit = new Semaphore(0);
    volatile @Nullable KafkaException refusal;
    volatile @Nullable Error error;
    volatile boolean closed;
    private long end = 100;

    @Override
    public void begin() {
      written.add("begin");
    }

    @Override
    public void send(
        String topic, byte @Nullable [] key, byte @Nullable [] value, Map<String, String> headers) {
      written.add("example " + (value == null ? "" : new String(value, UTF_8)));
      end++;
    }

    @Override
    public long sendAndWait(String topic, byte[] key, byte @Nullable [] value) {
      send(topic, key, value, Map.of());
      return end - 1;
    }

    @Override
    public void sendOffsets(Map<String, Long> nextOffsets) {
      written.add(
          "offsets m.examples=%d m.labels=%d m.predictions=%d"
              .formatted(
                  nextOffsets.get("m.examples"),
                  nextOffsets.get("m.labels"),
                  nextOffsets.get("m.predictions")));
    }

    @Override
    public void flush() {}

    @Override
    public void commit() {
      committing.release();
      try {
        mayCommit.acquire();
      } catch (InterruptedException e) {
        throw new KafkaException("interrupted", e);
      }
      Error wrong = error;
      if (wrong != null) {
        throw wrong;
      }
      KafkaException refused = refusal;
      if (refused != null) {
        throw refused;
      }
      written.add("commit");
    }

    @Override
    public void settle() {}

    @Override
    public void close() {
      closed = true;
    }
  }
}
