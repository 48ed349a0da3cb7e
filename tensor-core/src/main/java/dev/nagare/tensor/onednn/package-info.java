/**
 * oneDNN through the Foreign Function and Memory API.
 *
 * <p>The library comes out of the jar {@code org.bytedeco:dnnl} on the class path; nothing is ever
 * downloaded and JavaCPP is not used. It is unpacked once (93 MB) into a folder that carries its
 * digest, {@code <folder>/<first 16 digits of its SHA-256>}, and its SHA-256 is checked at every
 * load (0.1 s). The folder is, in this order:
 *
 * <ol>
 *   <li>the system property {@code nagare.native.dir},
 *   <li>the environment variable {@code NAGARE_NATIVE_DIR},
 *   <li>{@code $XDG_CACHE_HOME/nagare/native},
 *   <li>{@code ~/.cache/nagare/native}.
 * </ol>
 *
 * <p>It must be the user's own and must allow programs to run from it. Deleting it is always safe.
 *
 * <p>Nobody imports this package: {@link dev.nagare.tensor.kernel.KernelProviders} finds its
 * provider. Read {@link dev.nagare.tensor.onednn.OneDnnKernels} first.
 */
@NullMarked
package dev.nagare.tensor.onednn;

import org.jspecify.annotations.NullMarked;
