package dev.nagare.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.TensorException;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelProvidersTest {

  @Test
  void allProvidersAreFoundByName() {
    assertThat(KernelProviders.names()).containsExactlyInAnyOrder("onednn", "vector", "scalar");
    assertThat(KernelProviders.byName("scalar").name()).isEqualTo("scalar");
    assertThatThrownBy(() -> KernelProviders.byName("cuda"))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("no provider cuda, expected one of");
  }

  @Test
  void theBestOneThatWorksIsChosenAndTheOthersSayWhyNot() {
    KernelProviders.Choice choice = KernelProviders.best();
    assertThat(choice.kernels()).isSameAs(choice.provider().kernels());
    assertThat(choice.reasons())
        .hasSize(List.of("onednn", "vector", "scalar").indexOf(choice.provider().name()));
  }

  @Test
  void identifiersSayWhatTheBitsDependOn() {
    String jdk = "jdk-" + Runtime.version().feature();
    assertThat(KernelProviders.byName("scalar").kernels().id())
        .isEqualTo("scalar any-isa width-16 " + jdk + " table-3");
    assertThat(KernelProviders.byName("vector").kernels().id())
        .isEqualTo("vector any-isa width-16 " + jdk + " table-3");
    assertThat(KernelProviders.byName("onednn").kernels().id())
        .matches("onednn 3\\.13\\.\\d+ isa-0x[0-9a-f]+ table-2 and vector .*" + jdk + " table-3");
  }
}
