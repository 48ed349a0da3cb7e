package dev.nagare.server.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.server.FakeModel;
import dev.nagare.server.admission.Serving;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.tensor.MemoryPool;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TritonNamesTest {
  private static final String PULSE = "{model=\"pulse\",version=\"all\"} ";

  private final Serving serving = new Serving();
  private final FakeModel model = new FakeModel();

  TritonNamesTest() {
    serving.open(List.of(model), new ProtocolJson(new MemoryPool("requests", 1 << 16)));
  }

  private Metrics metrics(boolean triton) {
    return new Metrics(List.of("pulse", "price"), serving, "test", triton);
  }

  private static List<String> lines(Metrics metrics, Exposition form) {
    return new String(metrics.page(form), UTF_8).lines().toList();
  }

  @Test
  void aPageHasWhatWasCountedInTritonsUnits() {
    Metrics metrics = metrics(true);
    metrics.dequeued("pulse", 1_500_000);
    metrics.dequeued("pulse", 500_999);
    metrics.batch("pulse", 2, 5, 3_000_000);
    metrics.answered("pulse", "http", 200, 4_000_000, null);
    metrics.answered("pulse", "grpc", 200, 6_000_000, null);
    metrics.answered("pulse", "grpc", 429, 9_000_000, null);
    model.waiting(7);
    assertThat(lines(metrics, Exposition.TEXT))
        .contains(
            "# TYPE nv_inference_request_success counter",
            "nv_inference_request_success" + PULSE + "2.0",
            "# TYPE nv_inference_count counter",
            "nv_inference_count" + PULSE + "5.0",
            "nv_inference_exec_count" + PULSE + "1.0",
            "# TYPE nv_inference_pending_request_count gauge",
            "nv_inference_pending_request_count" + PULSE + "7.0",
            "nv_inference_request_duration_us" + PULSE + "10000.0",
            "nv_inference_queue_duration_us" + PULSE + "2000.0",
            "nv_inference_compute_input_duration_us" + PULSE + "0.0",
            "nv_inference_compute_infer_duration_us" + PULSE + "6000.0",
            "nv_inference_compute_output_duration_us" + PULSE + "0.0",
            "nv_inference_request_success{model=\"price\",version=\"all\"} 0.0");
  }

  @ParameterizedTest
  @CsvSource({
    "429, REJECTED",
    "503, REJECTED",
    "504, REJECTED",
    "499, CANCELED",
    "500, BACKEND",
    "400, OTHER",
    "404, OTHER",
    "413, OTHER"
  })
  void aFailureHasTritonsReason(int status, String reason) {
    Metrics metrics = metrics(true);
    metrics.answered("pulse", "http", status, 1, null);
    metrics.answered("pulse", "grpc", status, 1, null);
    metrics.answered("pulse", "grpc", 200, 1, null);
    List<String> failures =
        lines(metrics, Exposition.TEXT).stream()
            .filter(line -> line.startsWith("nv_inference_request_failure{model=\"pulse\""))
            .toList();
    assertThat(failures)
        .hasSize(4)
        .filteredOn(line -> !line.endsWith(" 0.0"))
        .containsExactly(
            "nv_inference_request_failure{model=\"pulse\",reason=\""
                + reason
                + "\",version=\"all\"} 2.0");
  }

  @Test
  void openMetricsHasTheSameNamesWithoutATypeThatItForbids() {
    Metrics metrics = metrics(true);
    metrics.answered("pulse", "http", 200, 4_000_000, null);
    List<String> page = lines(metrics, Exposition.OPEN_METRICS);
    assertThat(page)
        .contains(
            "# TYPE nv_inference_request_success unknown",
            "nv_inference_request_success" + PULSE + "1.0",
            "# TYPE nv_inference_pending_request_count gauge");
    assertThat(page.getLast()).isEqualTo("# EOF");
    assertThat(page).filteredOn(line -> line.equals("# EOF")).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void theyAreNotThereUnlessAskedFor(Exposition form) {
    assertThat(lines(metrics(false), form)).noneMatch(line -> line.contains("nv_inference"));
  }

  @Test
  void whatThePageHadBeforeIsAsItWas() {
    List<String> own = lines(metrics(false), Exposition.TEXT);
    List<String> both = lines(metrics(true), Exposition.TEXT);
    assertThat(both)
        .filteredOn(line -> !line.contains("nv_inference"))
        .filteredOn(line -> !line.contains("jvm_") && !line.contains("process_"))
        .containsExactlyElementsOf(
            own.stream()
                .filter(line -> !line.contains("jvm_") && !line.contains("process_"))
                .toList());
  }
}
