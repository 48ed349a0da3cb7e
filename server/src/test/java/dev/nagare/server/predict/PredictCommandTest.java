package dev.nagare.server.predict;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.io.Npy;
import dev.nagare.server.SmallModel;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PredictCommandTest {
  private final ProcessMemory memory = new ProcessMemory("predict test");
  private final StringWriter out = new StringWriter();
  @TempDir private Path folder;
  private String model = "";
  private Path input = Path.of("");

  @BeforeEach
  void writeModelAndInput() throws IOException {
    model = SmallModel.write(folder.resolve("small.onnx")).toString();
    input = folder.resolve("x.npy");
    Npy.write(input, memory.of(Shape.of(2, 3), 1, -2, 3, -4, 5.5f, -6));
  }

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void printsWhatTheModelAnswers() {
    assertThat(run(model, "--input", "x=" + input)).isZero();
    assertThat(out.toString())
        .isEqualTo("y  FP32 [2, 3]  [1.00000, 0.00000, 3.00000, 0.00000, 5.50000, 0.00000]\n");
  }

  @Test
  void printsItWholeAsJson() throws IOException {
    assertThat(run(model, "--input", "x=" + input, "--json")).isZero();
    JsonNode answer = new ObjectMapper().readTree(out.toString()).path("y");
    assertThat(answer.path("shape")).hasToString("[2,3]");
    assertThat(answer.path("data")).hasToString("[1.0,0.0,3.0,0.0,5.5,0.0]");
  }

  @Test
  void writesEachOutputIntoAFile() throws IOException {
    Path answers = folder.resolve("answers");
    assertThat(run(model, "--input", "x=" + input, "--output", answers.toString())).isZero();
    assertThat(Npy.read(answers.resolve("y.npy"), memory).toFloats())
        .containsExactly(1, 0, 3, 0, 5.5f, 0);
  }

  @Test
  void aSizeCanBeANumberFromTheStart() {
    assertThat(run(model, "--input", "x=" + input, "--size", "N=2")).isZero();
    assertThat(out.toString()).startsWith("y  FP32 [2, 3]");
    assertRefused(
        "--input x: expected FP32 [4, 3], got FP32 [2, 3]",
        model,
        "--input",
        "x=" + input,
        "--size",
        "N=4");
    assertRefused("sizes [M]: expected some of [N]", model, "--size", "M=4");
  }

  @Test
  void saysWhatIsMissingUnknownOrUnfit() throws IOException {
    assertRefused("--input x is missing; the model takes x: FP32 [N, 3]", model);
    assertRefused(
        "--input z: unknown; the model takes x: FP32 [N, 3]",
        model,
        "--input",
        "x=" + input,
        "--input",
        "z=" + input);
    Npy.write(input, memory.of(Shape.of(3), 1, 2, 3));
    assertRefused("expected FP32 [N, 3], got FP32 [3]", model, "--input", "x=" + input);
    assertRefused("cannot be read", model, "--input", "x=" + folder.resolve("none.npy"));
    Path text = Files.writeString(folder.resolve("text.onnx"), "no model at all");
    assertRefused("onnx: " + text, text.toString(), "--input", "x=" + input);
  }

  private void assertRefused(String message, String... arguments) {
    assertThat(run(arguments)).isEqualTo(ExitCode.USAGE);
    assertThat(out.toString()).contains(message);
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    return new CommandLine(new PredictCommand())
        .setOut(new PrintWriter(out))
        .setExecutionExceptionHandler(
            (failure, line, parsed) -> {
              out.write(failure.getMessage());
              return failure instanceof CommandException known ? known.exitCode() : -1;
            })
        .execute(arguments);
  }
}
