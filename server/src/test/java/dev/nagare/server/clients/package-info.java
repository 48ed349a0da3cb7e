/**
 * What the stock clients of the protocol send, byte by byte, and what they want to read.
 *
 * <p>Each class replays one client's requests over a bare socket against a whole server, and then
 * reads the answer as that client's source does: {@link
 * dev.nagare.server.clients.TritonPythonHttpTest} is the one to read first. Requests are written as
 * the client's source and its HTTP library put them together; the sources are named by repository,
 * commit, file and line or function. Sources were read in November 2026. Header order and spelling
 * were compared with what the same HTTP and gRPC libraries (geventhttpclient 2.0.8, libcurl 7.88,
 * Apache HttpAsyncClient 4.1.4, httpx 0.23.3, grpcio 1.51.1) sent to a socket.
 *
 * <p>Transcripts over HTTP/1.1 stand in the tests, those of gRPC in {@code
 * src/test/resources/clients}.
 */
@NullMarked
package dev.nagare.server.clients;

import org.jspecify.annotations.NullMarked;
