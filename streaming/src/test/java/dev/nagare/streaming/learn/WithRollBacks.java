package dev.nagare.streaming.learn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Topics;
import dev.nagare.streaming.protocol.InferenceResponse;
import java.util.List;

/** Servers whose model is taught and taken back through its door. */
abstract class WithRollBacks extends WithBroker {
  static byte[] body(CheckpointRecord target) {
    return ("{\"version\":\"" + target.step() + "\"}").getBytes(UTF_8);
  }

  static InferenceResponse rollBack(ModelService model, CheckpointRecord target) {
    return rollBack(model, new String(body(target), UTF_8));
  }

  static InferenceResponse rollBack(ModelService model, String body) {
    return model.rollBack(body.getBytes(UTF_8)).toCompletableFuture().join();
  }

  static CheckpointRecord awaitCheckpoint(ModelService model) {
    long offset = model.status().nextOffset();
    await()
        .atMost(LONG)
        .until(
            () -> {
              List<CheckpointRecord> known = model.lineage().checkpoints();
              return !known.isEmpty() && known.getFirst().lineage().nextOffset() == offset;
            });
    return model.lineage().checkpoints().getFirst();
  }

  static InferenceResponse learn(ModelService model, int i) {
    return model.learn(Topics.row(row(i % 5)).getBytes(UTF_8)).toCompletableFuture().join();
  }

  /** Learns some rows, and waits until a checkpoint has them. */
  static CheckpointRecord learnTo(ModelService model, int from, int to) {
    for (int i = from; i < to; i++) {
      learn(model, i);
    }
    return awaitCheckpoint(model);
  }

  static void deleteAll(String topic) throws Exception {
    topics.deleteBefore(topic, topics.read(topic).getLast().offset() + 1);
  }
}
