/** What stands in for a class of Ratis that has a fault; see there. To be deleted when Ratis has mended it. */
package org.apache.ratis.util;
