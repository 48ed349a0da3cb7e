package dev.nagare.server.config;

import java.io.IOException;
import java.io.StreamTokenizer;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Login modules that {@code sasl.jaas.config} may name. Others can be made to fetch and run foreign
 * code by their options alone, as {@code JndiLoginModule} was.
 */
final class LoginModules {
  private static final List<String> ALLOWED =
      List.of(
          "org.apache.kafka.common.security.plain.PlainLoginModule",
          "org.apache.kafka.common.security.scram.ScramLoginModule",
          "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule",
          "com.sun.security.auth.module.Krb5LoginModule");

  private LoginModules() {}

  /**
   * What is wrong with a JAAS configuration: one that is {@code module flag option=value …;} with
   * an allowed module; null if nothing is. Never shows options, which hold passwords.
   */
  static @Nullable String fault(String jaas) {
    StreamTokenizer tokens = tokens(jaas);
    try {
      int modules = 0;
      while (tokens.nextToken() != StreamTokenizer.TT_EOF) {
        String module = tokens.sval;
        if (module == null) {
          return "expected a login module, such as " + ALLOWED.getFirst();
        }
        if (!ALLOWED.contains(module)) {
          return "expected one of the login modules "
              + String.join(", ", ALLOWED)
              + ", got '"
              + module
              + "'";
        }
        while (tokens.nextToken() != ';') {
          if (tokens.ttype == StreamTokenizer.TT_EOF) {
            return "expected a ';' at the end";
          }
        }
        modules++;
      }
      return modules == 1 ? null : "expected one login module, got " + modules;
    } catch (IOException e) {
      throw new UncheckedIOException("jaas: a text in memory cannot be read", e);
    }
  }

  /** Reads words as Kafka's own reader of this property does, so that both see the same modules. */
  private static StreamTokenizer tokens(String jaas) {
    var tokens = new StreamTokenizer(new StringReader(jaas));
    tokens.slashSlashComments(true);
    tokens.slashStarComments(true);
    tokens.wordChars('-', '-');
    tokens.wordChars('_', '_');
    tokens.wordChars('$', '$');
    return tokens;
  }
}
