package dev.nagare.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.inference.TensorSpec;
import dev.nagare.models.repository.ModelPackage;
import dev.nagare.streaming.batch.Batcher;
import dev.nagare.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ModelLoaderTest {

  @Test
  @Timeout(60)
  void aStopDoesNotWaitForAModelThatIsBeingLoadedWhichIsFreedAfterwards() throws Exception {
    var begun = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    var freed = new CountDownLatch(1);
    ModelLoader.Loading slow =
        found -> {
          begun.countDown();
          try {
            go.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return new Freed(freed);
        };
    var packages = List.of(new ModelPackage("slow", 1, Path.of("slow.onnx")));
    var batcher = new Batcher(1, 4, 10, Thread::new, new StreamingObserver() {});
    var loader = new ModelLoader(packages, slow, batcher, new StreamingObserver() {});
    loader.start();
    begun.await();
    loader.stop(); // waited for the model once, and the final checkpoint with it
    batcher.close();
    loader.close();
    assertThat(freed.getCount()).isOne();
    go.countDown();
    freed.await();
    assertThat(loader.services().getFirst().status().ready()).isFalse();
  }

  /** Says when it is freed. */
  private record Freed(CountDownLatch freed) implements InferenceModel {
    @Override
    public String platform() {
      return "test";
    }

    @Override
    public List<TensorSpec> inputs() {
      return List.of();
    }

    @Override
    public List<TensorSpec> outputs() {
      return List.of();
    }

    @Override
    public int rows(List<Tensor> tensors) {
      return 1;
    }

    @Override
    public boolean joins(List<Tensor> first, List<Tensor> next) {
      return false;
    }

    @Override
    public Session open() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
      freed.countDown();
    }
  }
}
