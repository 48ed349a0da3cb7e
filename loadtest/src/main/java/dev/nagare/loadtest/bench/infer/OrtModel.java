package dev.nagare.loadtest.bench.infer;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The peer: ONNX Runtime with all its optimizations, operators one after another.
 *
 * <p>Written to be as quick as its Java API allows: tensors over direct buffers made once, outputs
 * pinned to buffers of ours, so that nothing is copied or allocated for a call.
 */
final class OrtModel implements InferModel {
  private final OrtSession session;
  private final List<Call> calls = new ArrayList<>();
  private final int requests;

  /** One group of requests. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares two
  private record Call(
      Grouping.Group group,
      Map<String, OnnxTensor> inputs,
      Map<String, OnnxTensor> outputs,
      FloatBuffer answers,
      long[] dims) {}

  /** Loads the library, the first time. */
  static OrtEnvironment environment() {
    return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "nagare");
  }

  /** Loads a model and makes requests ready. */
  OrtModel(Path model, List<Request> asked, OrtSetting setting) throws IOException {
    requests = asked.size();
    try {
      session = setting.open(model, asked.getFirst());
      for (Grouping.Group group : setting.grouping().of(asked)) {
        calls.add(call(group));
      }
    } catch (OrtException e) {
      throw new IOException("ONNX Runtime: " + e.getMessage(), e);
    }
  }

  /** Runs it once, to learn the shape of its output. */
  private Call call(Grouping.Group group) throws OrtException {
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    for (Input input : group.inputs()) {
      inputs.put(input.name(), tensor(input));
    }
    String name = session.getOutputInfo().keySet().iterator().next();
    long[] dims;
    try (OrtSession.Result result = session.run(inputs)) {
      dims = ((TensorInfo) result.get(0).getInfo()).getShape();
    }
    int count = (int) Arrays.stream(dims).reduce(1, Math::multiplyExact);
    FloatBuffer answers = direct(4L * count).asFloatBuffer();
    OnnxTensor output = OnnxTensor.createTensor(environment(), answers, dims);
    return new Call(group, inputs, Map.of(name, output), answers, dims);
  }

  private static OnnxTensor tensor(Input input) throws OrtException {
    return switch (input) {
      case Input.Floats floats -> {
        FloatBuffer buffer = direct(4L * floats.values().length).asFloatBuffer();
        yield OnnxTensor.createTensor(environment(), buffer.put(0, floats.values()), floats.dims());
      }
      case Input.Longs longs -> {
        LongBuffer buffer = direct(8L * longs.values().length).asLongBuffer();
        yield OnnxTensor.createTensor(environment(), buffer.put(0, longs.values()), longs.dims());
      }
    };
  }

  private static ByteBuffer direct(long bytes) {
    return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
  }

  @Override
  public void run() {
    try {
      for (Call call : calls) {
        session.run(call.inputs, call.outputs).close();
      }
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public float[] outputs() {
    float[][] byRequest = new float[requests][];
    int all = 0;
    for (Call call : calls) {
      int row = Math.toIntExact(call.answers.capacity() / call.dims[0]);
      for (int i = 0; i < call.group.members().size(); i++) {
        int request = call.group.members().get(i);
        float[] answer = new float[unpadded(call, i, row)];
        call.answers.get(i * row, answer);
        byRequest[request] = answer;
        all += answer.length;
      }
    }
    var joined = FloatBuffer.allocate(all);
    for (float[] answer : byRequest) {
      joined.put(answer);
    }
    return joined.array();
  }

  /** Elements of a row that belong to its request. */
  private static int unpadded(Call call, int member, int row) {
    int length = call.group.lengths().get(member);
    return length == 0 ? row : Math.toIntExact(row / call.dims[1] * length);
  }

  @Override
  public void close() {
    try {
      for (Call call : calls) {
        call.inputs.values().forEach(OnnxTensor::close);
        call.outputs.values().forEach(OnnxTensor::close);
      }
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
