package dev.nagare.streaming.learn;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.models.online.StepReport;
import dev.nagare.streaming.kafka.RecordBatch;
import dev.nagare.streaming.kafka.TopicWriter;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolJson;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of each record of a model's topic: an observation is learned and answered, a
 * question goes to the lanes and is answered from there, anything else goes to the dead-letter
 * topic.
 *
 * <p>Runs on the learner's thread; answers to questions leave from the lanes.
 */
final class LearnerRecords implements AutoCloseable {
  /** Most answers that Kafka has not acknowledged; bounds memory while it is slow. */
  private static final int MOST_PENDING = TopicWriter.CAPACITY / 2;

  private static final long BUSY_NANOS = 200_000;

  /** Kafka's usual limit is 1 MiB a record, headers included. */
  private static final int DEAD_LETTER_BYTES = 1_000_000;

  private static final Logger LOG = LoggerFactory.getLogger(LearnerRecords.class);

  private final String model;
  private final TopicWriter writer;
  private final Questions questions;
  private final ProtocolJson codec;
  private final Learner learner;
  private final Lineage origin;
  private final Deliveries deliveries = new Deliveries();
  private final AtomicLong deadLetterCount = new AtomicLong();
  private final float[] row;

  LearnerRecords(
      String model, TopicWriter writer, Questions questions, ProtocolJson codec, Learner learner) {
    this.model = model;
    this.writer = writer;
    this.questions = questions;
    this.codec = codec;
    this.learner = learner;
    this.origin = learner.lineage();
    this.row = new float[questions.model().features()];
  }

  String predictions() {
    return model + ".predictions";
  }

  String deadLetters() {
    return model + ".dead-letter";
  }

  long deadLetterCount() {
    return deadLetterCount.get();
  }

  /**
   * Does what the record asks for.
   *
   * @return false if it was left undone because the learner is closing
   */
  boolean process(RecordBatch batch, int index) {
    if (!deliveries.await(MOST_PENDING, learner::isClosing)) {
      return false;
    }
    long offset = batch.offset(index);
    byte[] value = batch.value(index);
    try {
      if (value == null) {
        throw new ProtocolException(400, "expected a request, got a record without a value");
      }
      InferenceRequest request = decode(value);
      if (request == null) {
        return false;
      }
      if (ServedModel.isObservation(request)) {
        observe(request, offset, batch.timestampMillis(index));
        return true;
      }
      if (!ask(request, value, offset)) {
        return false;
      }
    } catch (ProtocolException e) {
      deadLetter(value, offset, String.valueOf(e.getMessage()));
    }
    learner.pass(offset);
    return true;
  }

  private @Nullable InferenceRequest decode(byte[] value) {
    while (!learner.isClosing()) {
      try {
        return codec.decode(value);
      } catch (ProtocolException e) {
        if (e.status() != 429) {
          throw e;
        }
        LockSupport.parkNanos(this, BUSY_NANOS); // the doors use all the memory: a record can wait
      }
    }
    return null;
  }

  private void observe(InferenceRequest request, long offset, long timestampMillis) {
    String id;
    try (request) {
      questions.model().rowOf(request, row);
      id = idOf(request, offset);
    }
    StepReport report = learner.observe(row, offset, timestampMillis);
    float[] forecast = report.forecasting() ? Arrays.copyOf(report.forecast(), row.length) : null;
    deliveries.begin();
    answer(
        Answers.of(model, report.version(), id, learner.lineage(), timestampMillis, forecast), id);
  }

  private boolean ask(InferenceRequest request, byte[] value, long offset) {
    String id = idOf(request, offset);
    CompletableFuture<InferenceResponse> answer = null;
    try {
      while (answer == null) {
        if (learner.isClosing()) {
          return false;
        }
        answer = tryToAsk(request, id);
      }
    } finally {
      if (answer == null) {
        request.close();
      }
    }
    deliveries.begin();
    var _ =
        answer.whenComplete(
            (response, failure) -> {
              if (failure == null) {
                answer(response, id);
              } else {
                LOG.warn("{}: the question at offset {} failed", model, offset, failure);
                sendDeadLetter(value, offset, failure.toString());
              }
            });
    return true;
  }

  /** Null if the lanes are busy: a record waits where a caller would be refused. */
  private @Nullable CompletableFuture<InferenceResponse> tryToAsk(
      InferenceRequest request, String id) {
    try {
      return questions.ask(request, id);
    } catch (ProtocolException e) {
      if (e.status() != 429) {
        throw e;
      }
      LockSupport.parkNanos(this, BUSY_NANOS);
      return null;
    }
  }

  private String idOf(InferenceRequest request, long offset) {
    String id = request.id();
    return id != null && !id.isEmpty()
        ? id
        : origin.topic() + "-" + origin.partition() + "-" + offset;
  }

  private void answer(InferenceResponse response, String id) {
    writer.send(predictions(), id.getBytes(UTF_8), codec.encode(response), Map.of(), deliveries);
  }

  private void deadLetter(byte @Nullable [] value, long offset, String reason) {
    deliveries.begin();
    sendDeadLetter(value, offset, reason);
  }

  private void sendDeadLetter(byte @Nullable [] value, long offset, String reason) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("topic", origin.topic());
    headers.put("partition", Integer.toString(origin.partition()));
    headers.put("offset", Long.toString(offset));
    headers.put("reason", reason);
    byte[] kept = value;
    if (value != null && value.length > DEAD_LETTER_BYTES) {
      kept = Arrays.copyOf(value, DEAD_LETTER_BYTES);
      headers.put("truncated-from-bytes", Integer.toString(value.length));
    }
    deadLetterCount.incrementAndGet();
    learner.told().deadLetter(model);
    writer.send(deadLetters(), null, kept, headers, deliveries);
  }

  /**
   * Waits until all that came of the records so far has arrived.
   *
   * @return why it has not, with the remedy; null if it has
   */
  @Nullable String undelivered(long waitNanos) {
    long begun = System.nanoTime();
    boolean arrived =
        deliveries.await(
            0,
            () ->
                System.nanoTime() - begun
                    > (learner.isClosing() ? Learner.DRAIN_NANOS : waitNanos));
    String failure = deliveries.failure();
    if (failure != null) {
      return "predictions of "
          + model
          + " cannot be delivered ("
          + failure
          + "); mend the topics and restart: records from the last checkpoint on are read again";
    }
    return arrived
        ? null
        : "no checkpoint of "
            + model
            + ": Kafka has not acknowledged all predictions; records from the last one on are read"
            + " again";
  }

  @Override
  public void close() {
    writer.close();
  }
}
