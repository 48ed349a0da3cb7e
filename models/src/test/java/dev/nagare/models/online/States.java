package dev.nagare.models.online;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** States as bytes. */
final class States {
  private States() {}

  static byte[] save(OnlineModel model) throws IOException {
    var bytes = new ByteArrayOutputStream();
    model.save(new StateOutput(new DataOutputStream(bytes)));
    return bytes.toByteArray();
  }

  static OnlineLstm load(byte[] saved, OnlineConfig config, Compute compute) throws IOException {
    return OnlineLstm.load(in(saved), config, compute);
  }

  static StateInput read(OnlineModel model) throws IOException {
    return new StateInput(in(save(model)));
  }

  static StateInput read(byte[] saved) throws IOException {
    return new StateInput(in(saved));
  }

  private static DataInputStream in(byte[] saved) {
    return new DataInputStream(new ByteArrayInputStream(saved));
  }
}
