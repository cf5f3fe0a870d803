#include "sync/web/qr.h"

#include <errno.h>
#include <qrencode.h>

#include "common/base/buf.h"

enum { PATH_MAX_BYTES = 256 << 10 };

static void free_code(QRcode **code)
{
  if (*code) QRcode_free(*code);
}

static bool dark(const QRcode *code, int x, int y)
{
  return code->data[y * code->width + x] & 1;
}

Err web_qr_json(const char *text, json_t **out)
{
  AUTO(QRcode *, code, free_code) = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
  if (!code) return errno == ERANGE ? ERR_TOO_LARGE : ERR_NO_SPACE;
  AUTO(Buf, path, buf_fini) = buf_make(PATH_MAX_BYTES);
  for (int y = 0; y < code->width; y++) {
    for (int x = 0; x < code->width; x++) {
      if (!dark(code, x, y)) continue;
      int run = 1;
      while (x + run < code->width && dark(code, x + run, y)) run++;
      buf_printf(&path, "M%d %dh%dv1h-%dz", x, y, run, run);
      x += run;
    }
  }
  TRY(path.err);
  *out = json_pack("{s:i, s:o}", "size", code->width, "path", json_from_str(buf_view(&path)));
  return ERR_OK;
}
