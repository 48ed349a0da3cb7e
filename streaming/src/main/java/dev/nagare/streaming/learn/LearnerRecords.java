package dev.nagare.streaming.learn;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.models.online.StepReport;
import dev.nagare.streaming.Journey;
import dev.nagare.streaming.Lineage;
import dev.nagare.streaming.RecordFollower;
import dev.nagare.streaming.Refusal;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.batch.Answers;
import dev.nagare.streaming.batch.Questions;
import dev.nagare.streaming.codec.RecordCodec;
import dev.nagare.streaming.codec.RefusedRecordException;
import dev.nagare.streaming.kafka.RecordBatch;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolJson;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
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
final class LearnerRecords {
  private static final long BUSY_NANOS = 200_000;
  private static final Logger LOG = LoggerFactory.getLogger(LearnerRecords.class);

  private final LearnedModel config;
  private final Questions questions;
  private final RecordCodec codec;
  private final ProtocolJson json;
  private final Tenure tenure;
  private final String predictions;
  private final DeadLetters deadLetters;
  private final LearnCalls calls;
  private final RecordFollower follower;
  private final boolean labelled;
  private final boolean joined;
  private final float[] row;

  LearnerRecords(
      LearnedModel config,
      Questions questions,
      RecordCodec codec,
      ProtocolJson json,
      Tenure tenure,
      DeadLetters deadLetters,
      LearnCalls calls,
      RecordFollower follower) {
    this.config = config;
    this.questions = questions;
    this.codec = codec;
    this.json = json;
    this.tenure = tenure;
    this.predictions = config.name() + ".predictions";
    this.deadLetters = deadLetters;
    this.calls = calls;
    this.follower = follower;
    this.labelled = config.label() != null;
    this.joined = config.joining() != null;
    this.row = new float[tenure.state().model().width()];
  }

  /**
   * Does what the record asks for.
   *
   * @return false if it was left undone because the tenure is ending
   */
  boolean process(RecordBatch batch, int index) {
    Journey journey =
        follower.follows()
            ? follower.follow(
                config.name(),
                config.topic(),
                batch.offset(index),
                header -> batch.header(index, header))
            : null;
    try {
      return process(batch, index, journey);
    } catch (RuntimeException e) {
      ended(journey, null, e);
      throw e;
    }
  }

  private boolean process(RecordBatch batch, int index, @Nullable Journey journey) {
    long offset = batch.offset(index);
    byte[] value = batch.value(index);
    try {
      if (value == null) {
        throw new RefusedRecordException(
            Refusal.EMPTY, "expected a record with a value, got a tombstone");
      }
      String control = batch.header(index, RollBack.CONTROL);
      if (control != null) {
        boolean done = !tenure.isEnding() && control(control, batch, index, value);
        ended(journey, null, null);
        return done;
      }
      InferenceRequest question = read(value);
      if (question != null) {
        return ask(question, value, offset, journey);
      }
      String call = calls.isEmpty() ? null : batch.header(index, LearnCalls.HEADER);
      long millis = batch.timestampMillis(index);
      return !tenure.isEnding() && observe(value, offset, millis, call, journey);
    } catch (RefusedRecordException e) {
      ended(journey, null, e);
      return refuse(value, offset, e.refusal(), String.valueOf(e.getMessage()));
    }
  }

  private static void ended(
      @Nullable Journey journey,
      @Nullable InferenceResponse response,
      @Nullable Throwable failure) {
    if (journey != null) {
      journey.ended(response, failure);
    }
  }

  private boolean control(String kind, RecordBatch batch, int index, byte[] value) {
    long offset = batch.offset(index);
    if (kind.equals(SnapshotParts.KIND)) {
      tenure.state().pass(offset);
    } else if (!rollBack(kind, offset, value, batch.header(index, LearnCalls.HEADER))) {
      return false;
    }
    if (!tenure.writes(offset)) {
      return true;
    }
    var output = new Output(offset);
    output.complete(null);
    return tenure.write(output);
  }

  private boolean rollBack(String kind, long offset, byte[] value, @Nullable String call) {
    long before = tenure.state().model().version();
    try {
      RollBack back = RollBack.read(kind, value, config.name());
      if (!tenure.rollBack(back, offset, value)) {
        return false;
      }
      if (call != null) {
        long version = tenure.state().model().version();
        calls.learned(call, Learned.rolledBack(before, back.target().step(), version));
      }
      return true;
    } catch (RefusedRecordException e) {
      String why =
          "the record at offset "
              + offset
              + " did not take the model back, which goes on from version "
              + before
              + ": "
              + e.getMessage();
      tenure.rollBackRefused(why);
      if (call != null) {
        calls.refused(call, new ProtocolException(409, why));
      }
      throw e;
    }
  }

  private @Nullable InferenceRequest read(byte[] value) {
    while (!tenure.isEnding()) {
      try {
        return codec.read(value, row);
      } catch (ProtocolException e) {
        if (e.status() != 429) {
          throw new RefusedRecordException(Refusal.SCHEMA, String.valueOf(e.getMessage()));
        }
        LockSupport.parkNanos(this, BUSY_NANOS); // the doors use all the memory: a record can wait
      }
    }
    return null;
  }

  private boolean observe(
      byte[] value,
      long offset,
      long timestampMillis,
      @Nullable String call,
      @Nullable Journey journey) {
    String given = codec.id();
    Lineage before = labelled || call != null ? tenure.state().lineage() : null;
    long scoredBy = tenure.state().model().version();
    StepReport report = tenure.observe(row, offset, timestampMillis, value);
    if (call != null && before != null) {
      calls.learned(call, Learned.of(scoredBy, before, report, tenure.state().model().signature()));
    }
    if (!tenure.writes(offset)) {
      ended(journey, null, null);
      return true;
    }
    Output.Letter quarantine =
        report.guard() == null ? null : deadLetters.quarantine(report, offset);
    var output = new Output(offset);
    if (joined) { // what was predicted of an example was recorded when it was answered
      output.complete(quarantine);
      ended(journey, null, null);
      return tenure.write(output);
    }
    String id = given == null ? idOf(offset) : given;
    // A label that comes with its row was predicted by the version before it.
    Lineage lineage = labelled && before != null ? before : tenure.state().lineage();
    InferenceResponse answer =
        Answers.of(
            config.name(),
            tenure.state().model().signature(),
            report,
            id,
            lineage,
            timestampMillis);
    output.complete(letter(id, answer, quarantine));
    ended(journey, answer, null);
    return tenure.write(output);
  }

  private boolean ask(
      InferenceRequest request, byte[] value, long offset, @Nullable Journey journey) {
    if (!tenure.writes(offset)) {
      ended(journey, null, null);
      request.close();
      tenure.state().pass(offset);
      return true;
    }
    String asked = request.id();
    String id = asked == null || asked.isEmpty() ? idOf(offset) : asked;
    CompletableFuture<InferenceResponse> answer = null;
    try {
      while (answer == null) {
        if (tenure.isEnding()) {
          return false;
        }
        answer = tryToAsk(request, id, journey);
      }
    } catch (ProtocolException e) {
      throw new RefusedRecordException(Refusal.SCHEMA, String.valueOf(e.getMessage()));
    } finally {
      if (answer == null) {
        request.close();
      }
    }
    var output = new Output(offset);
    var _ =
        answer.whenComplete(
            (response, failure) -> {
              ended(journey, response, failure);
              if (failure == null) {
                output.complete(letter(id, response, null));
              } else {
                LOG.warn("{}: the question at offset {} failed", config.name(), offset, failure);
                output.complete(deadLetters.of(value, offset, Refusal.FAILED, failure.toString()));
              }
            });
    tenure.state().pass(offset);
    return tenure.write(output);
  }

  /** Null if the lanes are busy: a record waits where a caller would be refused. */
  private @Nullable CompletableFuture<InferenceResponse> tryToAsk(
      InferenceRequest request, String id, @Nullable Journey journey) {
    try {
      return questions.ask(request, id, Terms.of(Terms.Priority.STREAM).follow(journey));
    } catch (ProtocolException e) {
      if (e.status() != 429) {
        throw e;
      }
      LockSupport.parkNanos(this, BUSY_NANOS);
      return null;
    }
  }

  private boolean refuse(byte @Nullable [] value, long offset, Refusal refusal, String reason) {
    tenure.state().refuse(offset);
    if (!tenure.writes(offset)) {
      return true;
    }
    var output = new Output(offset);
    output.complete(deadLetters.of(value, offset, refusal, reason));
    return tenure.write(output);
  }

  private Output.Letter letter(String id, InferenceResponse answer, Output.@Nullable Letter then) {
    return new Output.Letter(predictions, id.getBytes(UTF_8), json.encode(answer), Map.of(), then);
  }

  private String idOf(long offset) {
    return config.topic() + "-0-" + offset;
  }
}
