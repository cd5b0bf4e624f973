/* SPDX-License-Identifier: MIT */
/* Scales. See scale.h. */
#include "scale.h"

#include <math.h>

double vtd_scale_at(const struct vtd_scale *s, double value)
{
    double share = 0.5;
    if (s->max > s->min && s->log)
        share = log(value / s->min) / log(s->max / s->min);
    else if (s->max > s->min)
        share = (value - s->min) / (s->max - s->min);
    return s->from + share * (s->to - s->from);
}

void vtd_scale_linear(struct vtd_scale *s, double low, double high, unsigned want)
{
    static const double nice[] = {1, 2, 2.5, 5, 10};
    if (!(high > low))
        high = low + (low != 0 ? fabs(low) : 1);
    const double rough = (high - low) / want, power = pow(10, floor(log10(rough)));
    double step = nice[4] * power;
    for (unsigned i = 5; i-- > 0;)
        if (nice[i] * power >= rough * 0.999)
            step = nice[i] * power;
    const double first = floor(low / step + 1e-9);
    s->log = false;
    s->ticks = 0;
    for (double i = first; s->ticks < VTD_SCALE_TICKS; i++) {
        s->tick[s->ticks++] = i * step;
        if (i * step >= high - 1e-9 * step)
            break;
    }
    s->min = s->tick[0];
    s->max = s->tick[s->ticks - 1] > high ? s->tick[s->ticks - 1] : high;
}

void vtd_scale_log(struct vtd_scale *s, double low, double high)
{
    static const double steps[] = {1, 2, 5};
    const double decades = log10(high / low);
    const unsigned per = decades > 3.5 ? 1 : 3;
    const double stride = decades > 14 ? ceil(decades / 14) : 1;
    s->log = true;
    s->ticks = 0;
    for (double e = floor(log10(low) + 1e-9); s->ticks < VTD_SCALE_TICKS; e += stride)
        for (unsigned i = 0; i < per && s->ticks < VTD_SCALE_TICKS; i++) {
            const double tick = steps[i] * pow(10, e);
            if (s->ticks && s->tick[s->ticks - 1] >= high * (1 - 1e-9))
                goto done;
            if (tick <= low * (1 + 1e-9))
                s->ticks = 0; /* only the last one below counts */
            s->tick[s->ticks++] = tick;
        }
done:
    s->min = s->tick[0] < low ? s->tick[0] : low;
    s->max = s->tick[s->ticks - 1] > high ? s->tick[s->ticks - 1] : high;
}
