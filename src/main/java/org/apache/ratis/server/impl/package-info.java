/**
 * What reaches into a division of Ratis, where Ratis leaves a listener half-made; see there. To be deleted when Ratis has
 * mended it.
 */
package org.apache.ratis.server.impl;
