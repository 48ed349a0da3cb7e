package dev.nagare.loadtest.bench.serve.peer;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A sentence encoder on ONNX Runtime: {@code OrtServer PORT MODEL BATCH}. A request's body is token
 * ids, mask and types, as many int64 of each; the answer is the floats of all its tokens.
 *
 * <p>One thread computes: it takes what waits, at most a batch, and pads it to the longest. Tensors
 * lie over buffers made once.
 */
public final class OrtServer {
  private static final int INPUTS = 3;
  private static final int WIDTH = 384;
  private static final int MOST_TOKENS = 128;
  private static final List<String> NAMES =
      List.of("input_ids", "attention_mask", "token_type_ids");

  private final OrtEnvironment environment =
      OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "peer");
  private final BlockingQueue<Asked> waiting = new LinkedBlockingQueue<>();
  private final OrtSession session;
  private final String output;
  private final int most;
  private final List<LongBuffer> inputs = new ArrayList<>();
  private final ByteBuffer answers;

  /** A request that waits. */
  private record Asked(HttpServerRequest request, Context loop, LongBuffer tokens) {
    int length() {
      return tokens.capacity() / INPUTS;
    }

    void answer(Buffer body) {
      loop.runOnContext(ignored -> request.response().end(body));
    }
  }

  private OrtServer(String model, int most) throws OrtException {
    this.most = most;
    try (var options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = environment.createSession(model, options);
    }
    output = session.getOutputInfo().keySet().iterator().next();
    for (int i = 0; i < INPUTS; i++) {
      inputs.add(direct(8 * most * MOST_TOKENS).asLongBuffer());
    }
    answers = direct(4 * most * MOST_TOKENS * WIDTH);
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** Runs it. */
  public static void main(String[] args) throws IOException, OrtException {
    var server = new OrtServer(args[1], Integer.parseInt(args[2]));
    Thread.ofPlatform().daemon().name("compute").start(server::compute);
    Bare.serve(Integer.parseInt(args[0]), vertx -> server::take);
  }

  private void take(HttpServerRequest request) {
    Context loop = Vertx.currentContext();
    request.bodyHandler(
        body -> {
          ByteBuffer bytes = ByteBuffer.wrap(body.getBytes()).order(ByteOrder.LITTLE_ENDIAN);
          waiting.add(new Asked(request, loop, bytes.asLongBuffer()));
        });
  }

  private void compute() {
    List<Asked> batch = new ArrayList<>();
    try {
      while (!Thread.currentThread().isInterrupted()) {
        batch.add(waiting.take());
        waiting.drainTo(batch, most - 1);
        answer(batch);
        batch.clear();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private void answer(List<Asked> batch) throws OrtException {
    int length = batch.stream().mapToInt(Asked::length).max().orElseThrow();
    long[] dims = {batch.size(), length};
    OnnxTensor[] tensors = new OnnxTensor[INPUTS];
    for (int i = 0; i < INPUTS; i++) {
      tensors[i] = OnnxTensor.createTensor(environment, padded(batch, i, length), dims);
    }
    FloatBuffer floats =
        answers
            .slice(0, 4 * batch.size() * length * WIDTH)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    try (OnnxTensor result =
        OnnxTensor.createTensor(environment, floats, new long[] {batch.size(), length, WIDTH})) {
      session
          .run(
              Map.of(NAMES.get(0), tensors[0], NAMES.get(1), tensors[1], NAMES.get(2), tensors[2]),
              Map.of(output, result))
          .close();
    }
    for (OnnxTensor tensor : tensors) {
      tensor.close();
    }
    for (int row = 0; row < batch.size(); row++) {
      byte[] body = new byte[4 * batch.get(row).length() * WIDTH];
      answers.get(4 * row * length * WIDTH, body);
      batch.get(row).answer(Buffer.buffer(body));
    }
  }

  private LongBuffer padded(List<Asked> batch, int input, int length) {
    LongBuffer values = inputs.get(input).clear();
    for (Asked asked : batch) {
      int own = asked.length();
      values.put(asked.tokens().slice(input * own, own));
      for (int i = own; i < length; i++) {
        values.put(0);
      }
    }
    return values.flip();
  }
}
