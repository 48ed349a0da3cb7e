package dev.nagare.server.grpc.call;

import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.Service;
import java.util.List;
import java.util.function.Supplier;

/**
 * A service with its methods.
 *
 * @param name of the service
 * @param file that describes it; asked for when somebody reflects, since it takes a while to load
 * @param methods of the service
 * @param vertx for timers
 * @param entrance that visitors come by
 */
public record GrpcService(
    ServiceName name,
    Supplier<FileDescriptor> file,
    List<GrpcMethod> methods,
    Vertx vertx,
    Entrance entrance)
    implements Service {

  @Override
  public ServiceDescriptor descriptor() {
    return file.get().findServiceByName(name.name());
  }

  @Override
  public void bind(GrpcServer server) {
    for (GrpcMethod method : methods) {
      server.callHandler(
          ServiceMethod.server(
              name, method.name(), GrpcMessageEncoder.IDENTITY, GrpcMessageDecoder.IDENTITY),
          request -> Call.begin(request, vertx, entrance.visitor(), method));
    }
  }
}
