package dev.nagare.server.grpc.call;

/** A call that the door takes. All on the event loop of the doors. */
public interface GrpcMethod {

  /** Its name in its service. */
  String name();

  /** Takes over a call whose headers are in, and whose messages are still to come. */
  void begin(Call call);
}
