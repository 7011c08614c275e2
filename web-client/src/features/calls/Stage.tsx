/** The pictures of a call. */

import { useEffect, useRef } from 'preact/hooks';
import type { Show } from '../../media/media_session.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import css from './Calls.module.css';
import type { Call } from './call.ts';
import { arranged, type Tile } from './layout.ts';
import { texts } from './texts.ts';

interface Props {
  call: Call;
  /** The pictures stand still. */
  still: boolean;
}

export function Stage({ call, still }: Props) {
  const words = texts();
  const people = call.people.value;
  // A picture that is not drawn is not sent either.
  const layout = call.saver.value ? 'audio' : call.layout.value;
  const { main, rest } = arranged(people, layout);
  const props = { still, pictures: layout !== 'audio' };
  return (
    <div data-layout={layout}>
      {main ? (
        <div class={css.main}>
          <TileView tile={main} {...props} large />
        </div>
      ) : null}
      <ul class={css[main ? 'strip' : 'grid']} aria-label={words.people(people.length)}>
        {rest.map((tile) => (
          <li key={tile.key}>
            <TileView tile={tile} {...props} />
          </li>
        ))}
      </ul>
    </div>
  );
}

interface TileProps {
  tile: Tile;
  still: boolean;
  pictures: boolean;
  large?: boolean;
}

function TileView({ tile: { one, page }, still, pictures, large = false }: TileProps) {
  const words = texts();
  const { me, name, person, speaking, mic, weak } = one;
  const show = pictures ? (page ? one.page : one.show) : null;
  const marks = [
    ...(page ? [words.sharedPage] : []),
    ...(speaking ? [words.speaking] : []),
    ...(mic || page ? [] : [words.micOff]),
    ...(weak ? [words.weak] : []),
    ...(still && show ? [words.still] : []),
  ];
  const look = [css.tile, speaking && !page ? css.speaking : '', still ? css.dim : ''];
  return (
    <div class={look.filter(Boolean).join(' ')}>
      {show ? (
        <Picture show={show} mirror={me && !page} large={large} />
      ) : pictures ? (
        <Avatar name={name} id={person} large />
      ) : null}
      <p class={css.name}>
        {me ? words.mine(name) : name}
        {marks.length ? <span class="small"> · {marks.join(' · ')}</span> : null}
      </p>
    </div>
  );
}

interface PictureProps {
  show: Show;
  mirror: boolean;
  large: boolean;
}

function Picture({ show, mirror, large }: PictureProps) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => (video.current ? show(video.current) : undefined), [show]);
  const small = large && document.pictureInPictureEnabled === true;
  return (
    <>
      <video ref={video} class={mirror ? css.mirror : undefined} autoplay playsInline muted />
      {small ? (
        <button
          type="button"
          class={`button ${css.small}`}
          onClick={() => void video.current?.requestPictureInPicture().catch(() => {})}
        >
          {texts().smallWindow}
        </button>
      ) : null}
    </>
  );
}
