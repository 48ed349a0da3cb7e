package dev.nagare.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.server.config.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenFileTest {
  @TempDir private Path folder;

  private TokenFile file(String text) throws IOException {
    return TokenFile.read(Files.writeString(folder.resolve("tokens"), text));
  }

  @Test
  void aTokenIsKnownByItsLineAndTheLineDoesNotTellIt() throws IOException {
    String token = TokenFile.newToken();
    String line = TokenFile.line("trainer", Set.of(Scope.LEARN, Scope.MANAGE), token);
    assertThat(line).startsWith("trainer learn,manage sha256:").doesNotContain(token);
    TokenFile read = file("# who may token\n\n" + line + "\n");
    assertThat(read.principal(token))
        .isEqualTo(new Principal("trainer", Set.of(Scope.LEARN, Scope.MANAGE)));
    assertThat(read.principal(token + "x")).isNull();
    assertThat(TokenFile.newToken()).isNotEqualTo(token).hasSizeGreaterThan(43);
  }

  @Test
  void allFaultsAreToldWithTheirLines() {
    String good = TokenFile.line("a", Set.of(Scope.INFER), "t");
    assertThatThrownBy(
            () ->
                file(
                    good
                        + "\ntwo words\nb infer,fly sha256:00\nc infer 1234\nd/e infer sha256:00\n"
                        + good))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("tokens:2: expected principal, scopes and sha256:HASH, got 2 words")
        .hasMessageContaining("tokens:3: expected scopes of infer")
        .hasMessageContaining("got 'fly'")
        .hasMessageContaining("tokens:4: expected sha256: and 64 hexadecimal digits")
        .hasMessageContaining("tokens:5: expected a principal")
        .hasMessageContaining("tokens:6: the token of a stands here again");
  }
}
