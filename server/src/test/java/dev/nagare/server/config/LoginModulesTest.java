package dev.nagare.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoginModulesTest {
  private static final String PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule";

  @ParameterizedTest
  @ValueSource(
      strings = {
        PLAIN + " required username=\"u\" password=\"a;b\";",
        "  " + PLAIN + "\n  required\n  username='u';  ",
        "org.apache.kafka.common.security.scram.ScramLoginModule required;",
        "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true keyTab=\"/k\";"
      })
  void takesTheModulesThatKafkaNeeds(String jaas) {
    assertThat(LoginModules.fault(jaas)).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "com.sun.security.auth.module.JndiLoginModule required;     | got 'com.sun.security.auth.module.JndiLoginModule'",
        "com.example.PlainLoginModule required password='hush';     | got 'com.example.PlainLoginModule'",
        PLAIN + " required; com.sun.security.auth.module.JndiLoginModule required; | got 'com.sun",
        PLAIN
            + " required; "
            + PLAIN
            + " required;                | expected one login module, got 2",
        PLAIN + " required password='hush'                         | expected a ';' at the end",
        "42                                                         | expected a login module, such as",
        "// nothing                                                 | expected one login module, got 0",
      },
      quoteCharacter = '`')
  void refusesOthersWithoutShowingOptions(String jaas, String message) {
    assertThat(LoginModules.fault(jaas)).contains(message).doesNotContain("hush");
  }
}
