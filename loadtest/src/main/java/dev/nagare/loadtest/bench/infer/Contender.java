package dev.nagare.loadtest.bench.infer;

import com.google.errorprone.annotations.Immutable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** An engine and its setting. */
enum Contender {
  NAGARE(1, false),
  NAGARE_BF16(1, true),
  NAGARE_2T(2, false),
  ORT(OrtSetting.of(Grouping.ONE_BY_ONE)),
  ORT_FIXED(OrtSetting.fixed(1, false)),
  ORT_SORTED_BY_4(OrtSetting.of(Grouping.SORTED_BY_4)),
  ORT_SORTED_BY_8(OrtSetting.of(Grouping.SORTED_BY_8)),
  ORT_PADDED(OrtSetting.of(Grouping.PADDED)),
  ORT_2T(OrtSetting.fixed(2, true)),
  ORT_2T_NOT_SPINNING(OrtSetting.fixed(2, false));

  /** What the peer may choose from for requests of one shape. */
  static final List<Contender> ORT_ONE = List.of(ORT, ORT_FIXED);

  /** The same with two threads. */
  static final List<Contender> ORT_TWO_THREADS = List.of(ORT_2T, ORT_2T_NOT_SPINNING);

  /** What the peer may choose from for requests of different lengths. */
  static final List<Contender> ORT_MIXED =
      List.of(ORT_SORTED_BY_4, ORT_SORTED_BY_8, ORT_PADDED, ORT);

  private final int threads;
  private final Description description;
  private final Loader loader;

  /** Says what answers. */
  @Immutable
  private interface Description {
    String text();
  }

  /** Loads a model. */
  @Immutable
  private interface Loader {
    InferModel load(Path model, List<Request> requests) throws IOException;
  }

  Contender(OrtSetting setting) {
    threads = setting.threads();
    description = setting::description;
    loader = (model, requests) -> new OrtModel(model, requests, setting);
  }

  Contender(int lanes, boolean bf16) {
    threads = lanes;
    description =
        () -> "Nagare, " + lanes + (lanes == 1 ? " lane" : " lanes") + (bf16 ? ", bf16" : "");
    loader =
        (model, requests) ->
            requests.size() == 1
                ? new NagareModel(model, requests.getFirst(), lanes, bf16)
                : new NagareSequences(model, requests, bf16);
  }

  int threads() {
    return threads;
  }

  /** Library, version and setting; loads the library. */
  String description() {
    return description.text();
  }

  InferModel load(Path model, List<Request> requests) throws IOException {
    return loader.load(model, requests);
  }
}
