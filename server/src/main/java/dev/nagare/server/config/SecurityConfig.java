package dev.nagare.server.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what, and over which connections.
 *
 * @param tls of all listeners; null for none
 * @param tokens file of tokens, a line each; null for none
 * @param jwt which JSON Web Tokens are believed; null for none
 * @param anonymous what a caller without a token may do
 * @param consoleToken opens the console once, with every scope; null for none
 */
public record SecurityConfig(
    @Nullable TlsConfig tls,
    @Nullable Path tokens,
    @Nullable JwtConfig jwt,
    Set<Scope> anonymous,
    @Nullable String consoleToken) {

  private static final Key TLS =
      Key.of(
          "tls",
          "TLS of all listeners: 1.2 or 1.3. Changed files count for new connections"
              + " within seconds");
  private static final Key AUTH =
      Key.of("auth", "Who may do what. [What tokens allow](threat-model.md#tokens)");
  private static final Key TOKENS =
      Key.of("tokens", "file of tokens, a line each; `nagare token` makes them")
          .within("a file that can be read");
  private static final Key JWT =
      Key.of("jwt", "Which JSON Web Tokens are believed: all four keys or none");
  private static final Key CONSOLE_TOKEN =
      Key.of(
          "console-token",
          "`/?token=…` opens the page once with every scope; by the variable"
              + " `NAGARE_AUTH_CONSOLE_TOKEN` only");
  private static final Key ANONYMOUS =
      Key.of(
              "anonymous",
              "what callers without a token may do; elsewhere than on loopback at most `infer`")
          .usually("all on loopback without tokens, else none")
          .within("a list of `infer`, `learn`, `manage`");

  /** Whatever a caller says, it may do everything: for a server that only this machine reaches. */
  public static SecurityConfig open() {
    return new SecurityConfig(null, null, null, EnumSet.allOf(Scope.class), null);
  }

  /** Whether there are tokens at all. */
  public boolean knowsTokens() {
    return tokens != null || jwt != null || consoleToken != null;
  }

  static SecurityConfig read(Section root, ServerConfig server) {
    @Nullable TlsConfig tls = TlsConfig.read(root.section(TLS));
    Section in = root.section(AUTH);
    String tokens = in.text(TOKENS, "");
    if (!tokens.isEmpty() && !Files.isReadable(Path.of(tokens))) {
      in.fault(
          TOKENS,
          "expected a file that can be read, got '" + tokens + "'; 'nagare token' makes its lines");
    }
    @Nullable JwtConfig jwt = JwtConfig.read(in.section(JWT));
    @Nullable String consoleToken = in.secret(CONSOLE_TOKEN);
    boolean guarded = !tokens.isEmpty() || jwt != null;
    Set<Scope> anonymous = anonymous(in, guarded || consoleToken != null || !server.loopback());
    in.end();
    if (!server.loopback()) {
      requireTokens(in, server, guarded, anonymous);
    }
    return new SecurityConfig(
        tls, tokens.isEmpty() ? null : Path.of(tokens), jwt, anonymous, consoleToken);
  }

  private static Set<Scope> anonymous(Section in, boolean guarded) {
    if (!in.says(ANONYMOUS)) {
      in.texts(ANONYMOUS);
      return guarded ? Set.of() : EnumSet.allOf(Scope.class);
    }
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    List<String> words = in.texts(ANONYMOUS);
    for (String word : words) {
      Scope.of(word)
          .ifPresentOrElse(
              scopes::add,
              () ->
                  in.fault(
                      ANONYMOUS, "expected some of " + Scope.words() + ", got '" + word + "'"));
    }
    return scopes;
  }

  /** Others than this machine can call: nobody teaches or manages without a token. */
  private static void requireTokens(
      Section in, ServerConfig server, boolean guarded, Set<Scope> anonymous) {
    if (!EnumSet.of(Scope.INFER).containsAll(anonymous)) {
      in.fault(
          ANONYMOUS,
          "expected at most [infer], because server.host "
              + server.host()
              + " can be reached from other machines, got "
              + anonymous.stream().map(Scope::word).toList());
    } else if (!guarded && anonymous.isEmpty()) {
      in.fault(
          TOKENS,
          "expected a file of tokens, because server.host "
              + server.host()
              + " can be reached from other machines, got none. 'nagare token --principal NAME"
              + " --scopes infer,learn' makes a token and the line for the file; auth.anonymous:"
              + " [infer] lets everybody ask and nobody teach");
    }
  }
}
