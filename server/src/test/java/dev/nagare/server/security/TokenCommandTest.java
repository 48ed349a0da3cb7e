package dev.nagare.server.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TokenCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  @TempDir private Path folder;

  private int run(String... args) {
    return new CommandLine(new TokenCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .setExecutionExceptionHandler(
            (failure, line, parsed) -> {
              line.getErr().println(failure.getMessage());
              return 2;
            })
        .execute(args);
  }

  @Test
  void whatItPrintsIsALineOfTheFileAndTheTokenOfIt() throws IOException {
    assertThat(run("--principal", "trainer", "--scopes", "infer,learn")).isZero();
    Path file = Files.writeString(folder.resolve("tokens"), out.toString());
    String token = err.toString().strip().replaceAll(".* ", "");
    Principal principal = Objects.requireNonNull(TokenFile.read(file).principal(token));
    assertThat(principal.name()).isEqualTo("trainer");
    assertThat(out.toString()).doesNotContain(token);
  }

  @Test
  void aScopeThatIsNoneIsNamed() {
    assertThat(run("--principal", "a", "--scopes", "fly")).isEqualTo(2);
    assertThat(err.toString())
        .contains("--scopes: expected some of infer, learn, manage, label:any, got 'fly'");
    assertThat(run("--principal", "a b", "--scopes", "infer")).isEqualTo(2);
    assertThat(err.toString()).contains("--principal: expected up to 64 letters");
  }
}
