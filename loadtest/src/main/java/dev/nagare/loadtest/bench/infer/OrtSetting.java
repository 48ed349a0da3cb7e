package dev.nagare.loadtest.bench.infer;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import com.google.errorprone.annotations.Immutable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * How ONNX Runtime is set.
 *
 * @param threads that share an operator
 * @param spinning whether threads without work wait in a loop, the library's default
 * @param grouping of requests
 * @param fixed whether named sizes are told before the model is optimized, so that it can compute
 *     shapes ahead; then it takes no others
 */
@Immutable
record OrtSetting(int threads, boolean spinning, Grouping grouping, boolean fixed) {

  /** One thread. */
  static OrtSetting of(Grouping grouping) {
    return new OrtSetting(1, false, grouping, false);
  }

  /** For requests of one shape. */
  static OrtSetting fixed(int threads, boolean spinning) {
    return new OrtSetting(threads, spinning, Grouping.ONE_BY_ONE, true);
  }

  /** Library, version and setting; loads the library. */
  String description() {
    return "ONNX Runtime "
        + OrtModel.environment().getVersion()
        + ", all optimizations, "
        + threads
        + (threads == 1 ? " thread" : " threads, " + (spinning ? "spinning" : "not spinning"))
        + (grouping == Grouping.ONE_BY_ONE ? "" : ", " + grouping)
        + (fixed ? ", sizes fixed" : "");
  }

  /** Opens a model for such requests. */
  OrtSession open(Path model, Request request) throws OrtException {
    try (var options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.addConfigEntry("session.intra_op.allow_spinning", spinning ? "1" : "0");
      if (fixed) {
        fix(options, model, request.inputs());
      }
      return OrtModel.environment().createSession(model.toString(), options);
    }
  }

  private static void fix(OrtSession.SessionOptions options, Path model, List<Input> inputs)
      throws OrtException {
    try (var reading = new OrtSession.SessionOptions()) {
      reading.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
      try (OrtSession session = OrtModel.environment().createSession(model.toString(), reading)) {
        Map<String, NodeInfo> declared = session.getInputInfo();
        for (Input input : inputs) {
          NodeInfo info = declared.get(input.name());
          if (info != null && info.getInfo() instanceof TensorInfo tensor) {
            String[] names = tensor.getDimensionNames();
            for (int i = 0; i < names.length; i++) {
              if (!names[i].isEmpty()) {
                options.setSymbolicDimensionValue(names[i], input.dims()[i]);
              }
            }
          }
        }
      }
    }
  }
}
