/** Tests of predictions without a server. */
@NullMarked
package dev.nagare.server.predict;

import org.jspecify.annotations.NullMarked;
