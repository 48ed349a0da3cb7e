package dev.nagare.server.grpc.learning;

import com.google.protobuf.ByteString;
import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.Errands;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.server.http.Teaching;
import dev.nagare.streaming.LabelReceipt;
import dev.nagare.streaming.protocol.LearningMessages;
import dev.nagare.streaming.protocol.wire.LabelsRequest;
import dev.nagare.streaming.protocol.wire.LabelsResponse;
import java.util.List;

/**
 * {@code Labels}: puts labels of earlier predictions into the log, and answers with their receipts.
 *
 * @param errands the way to the models
 */
record Labels(Errands errands) implements GrpcMethod {
  @Override
  public String name() {
    return "Labels";
  }

  @Override
  public void begin(Call call) {
    call.one(message -> label(call, message));
  }

  private void label(Call call, ByteString message) {
    LabelsRequest labels = LearningMessages.parseLabels(message);
    errands.ask(
        call,
        ServiceNames.LEARNING,
        labels.getModelName(),
        model -> Teaching.label(model, LearningMessages.labels(labels), call.caller()),
        receipts -> message(labels.getModelName(), receipts));
  }

  private static LabelsResponse message(String model, List<LabelReceipt> receipts) {
    LabelsResponse.Builder message = LabelsResponse.newBuilder().setModelName(model);
    for (LabelReceipt receipt : receipts) {
      message.addLabels(
          LabelsResponse.Receipt.newBuilder().setId(receipt.id()).setReceipt(receipt.receipt()));
    }
    return message.build();
  }
}
