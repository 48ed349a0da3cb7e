package dev.nagare.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.models.onnx.op.OnnxOperator;
import dev.nagare.models.onnx.op.OnnxOperators;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/onnx-coverage.md} says what the manifest says; {@code -Dnagare.onnx.write=true}
 * writes it anew.
 */
class OnnxCoverageTest {
  private static final Path PAGE = Path.of("..", "docs", "onnx-coverage.md");

  /** What exports of ResNets and MobileNets, BERT encoders and recurrent models consist of. */
  private static final List<String> UNION =
      List.of(
          ("Add And AveragePool BatchNormalization Cast Clip Concat Constant ConstantOfShape Conv"
                  + " CumSum Div Dropout Equal Erf Expand Flatten GRU Gather Gelu Gemm"
                  + " GlobalAveragePool Greater HardSigmoid HardSwish Identity LSTM"
                  + " LayerNormalization Less MatMul Max MaxPool Min Mul Not Pad Pow RNN Range"
                  + " ReduceMean Relu Reshape Shape Sigmoid Slice Softmax Split Sqrt Squeeze Sub"
                  + " Tanh Tile Transpose Unsqueeze Where")
              .split(" "));

  @Test
  void thePageSaysWhatTheManifestSays() throws IOException {
    String page = page(Manifest.read().values());
    if (Boolean.getBoolean("nagare.onnx.write")) {
      Files.writeString(PAGE, page);
    }
    assertThat(PAGE).hasContent(page);
  }

  /** What is not imported, whatever the operator. */
  private static final List<String> BEYOND =
      List.of(
          "element type ",
          "training",
          "sequences, maps and optional values",
          "opset 1: expected",
          "opset 6: expected");

  @Test
  void everyCaseOfTheUnionPassesUnlessItIsBeyondWhatIsImported() throws IOException {
    assertThat(OnnxOperators.all().keySet()).containsAll(UNION);
    assertThat(Manifest.read().values())
        .filteredOn(entry -> entry.name().startsWith("node/"))
        .filteredOn(entry -> !entry.operators().isEmpty())
        .filteredOn(entry -> UNION.containsAll(entry.operators()))
        .filteredOn(entry -> !entry.passes())
        .allMatch(entry -> BEYOND.stream().anyMatch(entry.reason()::contains));
  }

  private static String page(Collection<Manifest.Entry> entries) {
    var page = new StringBuilder();
    page.append("# ONNX coverage\n\n");
    page.append("Generated from the manifest of the ONNX test suite (Debian's");
    page.append(" `libonnx-testdata` 1.12.0, ");
    page.append(entries.size()).append(" cases), which the build runs; ");
    page.append(count(entries, Manifest.Entry::passes)).append(" pass.\n");
    page.append("Models of opset ").append(OnnxOperators.FIRST_OPSET).append(" to ");
    page.append(OnnxOperators.LAST_OPSET).append(" of the domain `ai.onnx` can be imported.\n");
    page.append(
        "Operators and element types that are not here are reported at once, before anything is");
    page.append(" allocated.\n\n");
    page.append("## Parts of the suite\n\n| part | cases | pass |\n|---|---|---|\n");
    for (String part : OnnxSuite.PARTS) {
      List<Manifest.Entry> cases =
          entries.stream().filter(entry -> entry.name().startsWith(part + "/")).toList();
      page.append("| ").append(part).append(" | ").append(cases.size()).append(" | ");
      page.append(count(cases, Manifest.Entry::passes)).append(" |\n");
    }
    page.append("\n## Operators\n\nCases of one node; **bold** is what exports of ResNets,");
    page.append(" MobileNets, BERT encoders and recurrent models need.\n\n");
    page.append("| operator | opset | cases | pass |\n|---|---|---|---|\n");
    for (OnnxOperator operator : OnnxOperators.all().values()) {
      List<Manifest.Entry> cases =
          entries.stream()
              .filter(entry -> entry.name().startsWith("node/"))
              .filter(entry -> entry.operators().equals(List.of(operator.name())))
              .toList();
      String name = operator.name();
      page.append("| ").append(UNION.contains(name) ? "**" + name + "**" : name).append(" | ");
      page.append(operator.since()).append("–").append(operator.until()).append(" | ");
      page.append(cases.size()).append(" | ");
      page.append(count(cases, Manifest.Entry::passes)).append(" |\n");
    }
    page.append("\n## Why cases do not pass\n\n| reason | cases |\n|---|---|\n");
    Map<String, Long> reasons =
        entries.stream()
            .filter(entry -> !entry.passes())
            .collect(
                Collectors.groupingBy(Manifest.Entry::reason, TreeMap::new, Collectors.counting()));
    reasons.forEach(
        (reason, count) ->
            page.append("| ")
                .append(reason.replace("|", "\\|"))
                .append(" | ")
                .append(count)
                .append(" |\n"));
    return page.toString();
  }

  private static long count(Collection<Manifest.Entry> entries, Predicate<Manifest.Entry> which) {
    return entries.stream().filter(which).count();
  }
}
